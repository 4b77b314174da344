import { DueQueue } from '../domain/due-queue.ts'
import type { Clock } from '../ports/clock.ts'

interface Waiting {
  wake: (() => void) | undefined
}

/** A clock that jumps to the next waiter whenever everybody waits: hours pass in no time, and in order. */
export class FakeClock implements Clock {
  #now: number
  readonly #waiting = new DueQueue<Waiting>()
  #isJumping = false

  constructor(now = new Date('2026-11-23T10:00:00.000Z')) {
    this.#now = now.getTime()
  }

  now(): Date {
    return new Date(this.#now)
  }

  /** What a laptop's sleep does: the time is another one, and whoever waited longer than that is late. */
  skip(durationMs: number): void {
    this.#now += durationMs
  }

  wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        waiting.wake = undefined
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const waiting: Waiting = { wake }
      this.#waiting.add(this.#now + durationMs, waiting)
      signal?.addEventListener('abort', wake)
      this.#jumpSoon()
    })
  }

  /** Lets everything that can go on without time passing go on first. */
  #jumpSoon(): void {
    if (this.#isJumping) return
    this.#isJumping = true
    setImmediate(() => {
      this.#isJumping = false
      this.#jump()
    })
  }

  #jump(): void {
    for (let at = this.#waiting.nextAt; at !== undefined; at = this.#waiting.nextAt) {
      const wake = this.#waiting.takeDue(at)?.wake
      // Who was woken otherwise does not make time pass.
      if (!wake) continue
      this.#now = Math.max(this.#now, at)
      wake()
      this.#jumpSoon()
      return
    }
  }
}
