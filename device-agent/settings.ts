import type { Backoff } from './domain/backoff.ts'

export interface AgentSettings {
  /** Between the answer and the command. Answers travel at QoS 0: nothing tells when one has left the machine. */
  readonly settleMs: number
  /** How long a machine may take to go down. Whoever is still up then did not reboot. */
  readonly rebootPatienceMs: number
  /** The same after it was ordered once more by force. */
  readonly forcePatienceMs: number
  /** The device SDK may never call back: each request to the hub is given up after this. */
  readonly hubDeadlineMs: number
  readonly connectDeadlineMs: number
  /** At most so long, at random, before the first connection: a fleet that lost its power comes back one by one. */
  readonly connectSpreadMs: number
  readonly goodbyeDeadlineMs: number
  /** Progress is reported at most so often: a hub of the smallest tier takes fifty twin updates a second. */
  readonly progressIntervalMs: number
  /** How often a lock file is looked for to report it; a method looks for itself. */
  readonly lockPollMs: number
  readonly backoff: Backoff
  /** A connection that lasted this long starts the back-off anew. */
  readonly steadyMs: number
}

export const defaultSettings: AgentSettings = {
  settleMs: 1_000,
  rebootPatienceMs: 300_000,
  forcePatienceMs: 60_000,
  hubDeadlineMs: 10_000,
  connectDeadlineMs: 75_000,
  connectSpreadMs: 0,
  goodbyeDeadlineMs: 2_000,
  progressIntervalMs: 5_000,
  lockPollMs: 60_000,
  backoff: { baseMs: 1_000, capMs: 60_000 },
  steadyMs: 30_000,
}
