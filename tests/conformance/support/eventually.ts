import { setTimeout as pause } from 'node:timers/promises'

/** Asks until the answer satisfies, because a real hub's queries lag; throws the last answer at the deadline. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isSatisfied: (answer: T) => boolean,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (isSatisfied(answer)) return answer
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(answer)} at the deadline.`)
    await pause(50)
  }
}
