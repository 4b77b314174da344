import { isCancelled, toProblem, type ShownProblem } from '../model/problem.ts'

export interface Follower<T> {
  readonly onValue: (value: T) => void
  /** The watch ended by itself: nothing more arrives until someone follows again. */
  readonly onProblem: (problem: ShownProblem) => void
}

/** Follows a watch until the returned function is called. */
export function follow<T>(
  watch: (signal: AbortSignal) => AsyncIterable<T>,
  follower: Follower<T>,
): () => void {
  const controller = new AbortController()
  void read(watch(controller.signal), follower, controller.signal)
  return () => {
    controller.abort()
  }
}

async function read<T>(values: AsyncIterable<T>, follower: Follower<T>, signal: AbortSignal): Promise<void> {
  try {
    for await (const value of values) {
      if (signal.aborted) return
      follower.onValue(value)
    }
  } catch (error) {
    if (!signal.aborted && !isCancelled(error)) follower.onProblem(toProblem(error))
  }
}
