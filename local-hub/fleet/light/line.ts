/** Who connects, and with what. */
export interface LightIdentity {
  readonly deviceId: string
  /** Base64. */
  readonly key: string
}

/** What a device hears on its line. */
export interface LineListener {
  /** Connected, and subscribed to everything. */
  onReady(): void
  onMethod(method: { name: string; requestId: string; payload: Uint8Array }): void
  onTwin(twin: Uint8Array): void
  onDesired(patch: Uint8Array): void
  /** The answer to a report; 204 is good. */
  onReported(requestId: string, status: number): void
  /** Called once; nothing follows. */
  onEnd(): void
}

/** One connection of one device. */
export interface Line {
  answer(requestId: string, status: number, payload: string): void
  report(requestId: string, patch: string): void
  askTwin(requestId: string): void
  end(): void
}

/** Connects devices to a hub. */
export interface Network {
  connect(identity: LightIdentity, listener: LineListener): Line
}
