import type { PowerSaveBlocker } from 'electron'
import type { Part } from './part.ts'

/** Counts who wants the machine awake, and says so in the terminal: only a desktop can keep it awake. */
export function createPowerSaveBlocker(
  print: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Part<PowerSaveBlocker, 'start' | 'stop' | 'isStarted'> {
  const started = new Set<number>()
  let last = 0
  return {
    start(type) {
      started.add((last += 1))
      print(`Power save blocker ${last} started: ${type}`)
      return last
    },
    stop(id) {
      if (started.delete(id)) print(`Power save blocker ${id} stopped`)
      return !started.has(id)
    },
    isStarted: (id) => started.has(id),
  }
}
