import type { Backoff } from './domain/backoff.ts'

export interface AgentSettings {
  /** Between the answer and the command. Answers travel at QoS 0: nothing tells when one has left the machine. */
  readonly settleMs: number
  /** How long a machine may take to go down. Whoever is still up then did not reboot. */
  readonly rebootPatienceMs: number
  /** The device SDK may never call back: each request to the hub is given up after this. */
  readonly hubDeadlineMs: number
  readonly connectDeadlineMs: number
  readonly goodbyeDeadlineMs: number
  readonly backoff: Backoff
  /** A connection that lasted this long starts the back-off anew. */
  readonly steadyMs: number
}

export const defaultSettings: AgentSettings = {
  settleMs: 1_000,
  rebootPatienceMs: 300_000,
  hubDeadlineMs: 10_000,
  connectDeadlineMs: 75_000,
  goodbyeDeadlineMs: 2_000,
  backoff: { baseMs: 1_000, capMs: 60_000 },
  steadyMs: 30_000,
}
