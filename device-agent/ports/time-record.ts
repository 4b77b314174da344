/** The last time that was proven: it is never earlier again, whatever the machine's clock says after a power cut. */
export interface TimeRecord {
  /** In milliseconds since 1970; undefined before the first. */
  readonly known: number | undefined
  /** Resolves when it is durable. Does nothing when less than a day has passed: a memory card wears out. */
  remember(now: number): Promise<void>
}
