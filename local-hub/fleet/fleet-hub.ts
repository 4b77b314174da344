/** What a fleet of simulated devices needs from the hub that it joins; `LocalHub` satisfies it. */
export interface FleetHub {
  /** PEM of the authority that signed the hub's certificate; devices must trust it. */
  readonly caCertificate: string

  /**
   * Registers a device and answers its connection string. The string names `GatewayHostName=localhost:<port>`,
   * so that an unmodified device SDK reaches the loopback port while it signs for the hub's own name.
   */
  createDevice(deviceId: string, options?: NewFleetDevice): Promise<string>
}

export interface NewFleetDevice {
  /** Initial twin tags, under the limits of the hub: 8 KB, depth 10. */
  readonly tags?: Readonly<Record<string, unknown>>
}
