/** Time as the hub sees it, so that tests can decide what time it is. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `task` once after the delay; the answer cancels it. */
  after(delayMs: number, task: () => void): CancelTimer
}

export type CancelTimer = () => void

/** Node runs a longer timer at once, with a warning. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), longestTimerMs))
    // What keeps the process alive is the hub's ports: a job that waits for a device must not outlive them.
    timer.unref()
    return () => {
      clearTimeout(timer)
    }
  },
}
