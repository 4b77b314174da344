/** Who this device is to a hub, and what proves it. */
export interface HubIdentity {
  readonly hostName: string
  readonly deviceId: string
  /** The host to connect to instead of the hub, with its port where that is not the usual one. */
  readonly gatewayHostName: string | undefined
  readonly credentials: Credentials
}

export type Credentials =
  | { readonly kind: 'key'; /** Base64. */ readonly key: string }
  | { readonly kind: 'certificate'; readonly certificate: ClientCertificate }

/** PEM, both. */
export interface ClientCertificate {
  /** With the authorities between it and the one that the hub trusts, if there are any. */
  readonly chain: string
  readonly privateKey: string
}

/** One try to reach the hub. */
export interface Attempt {
  readonly transport: Transport
  /** When to give it up. */
  readonly deadlineMs: number
}

/** Where the agent learns its identity. */
export interface IdentitySource {
  /** The host to which the first way leads: that of the hub, of its gateway, or of the provisioning service. */
  readonly host: string
  /** Rejects when it cannot be known now. */
  current(attempt: Attempt): Promise<HubIdentity>
  /** The hub would not have the identity, or is not there: ask whoever gave it again. */
  doubt(): void
}

/** How the hub is reached: MQTT at its own port 8883, or in a WebSocket at port 443, which more networks let through. */
export type Transport = 'mqtt' | 'mqtt-websocket'
