/** Plain values only: an SDK error carries the credential of its request, and never goes in whole. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  /** A bug, with its stack: what should not have happened. */
  bug(event: string, error: unknown): void
}
