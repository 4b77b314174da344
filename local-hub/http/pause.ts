import type { Clock } from '../hub/clock.ts'

export async function pause(clock: Clock, delayMs: number): Promise<void> {
  if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve))
}
