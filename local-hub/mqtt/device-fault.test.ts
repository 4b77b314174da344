import { expect, test } from 'vitest'
import type { FaultEffect } from '../faults/fault-plan.ts'
import { meetFault } from '../faults/meet-fault.ts'

/** What happens, in its order. */
function whatHappens(effect: FaultEffect | undefined): readonly string[] {
  const happened: string[] = []
  const note = (what: string) => void happened.push(what)
  const work = {
    execute: () => {
      note('execute')
    },
    refuse: (status: number) => {
      note(`refuse ${status}`)
    },
    later: (delayMs: number, task: () => void) => {
      note(`wait ${delayMs}`)
      task()
    },
  }
  const stream = {
    mute: () => {
      note('mute')
    },
    tearDown: () => {
      note('tear down')
    },
  }
  meetFault(effect, work, stream)
  return happened
}

test.each<[FaultEffect | undefined, readonly string[]]>([
  [undefined, ['execute']],
  [{ kind: 'status', status: 503, errorCode: 'x' }, ['refuse 503']],
  [{ kind: 'silence' }, []],
  [{ kind: 'reset' }, ['tear down']],
  [{ kind: 'lostResponse' }, ['mute', 'execute', 'tear down']],
  [{ kind: 'slow', delayMs: 7 }, ['wait 7', 'execute']],
])('%j makes happen: %j', (effect, expected) => {
  expect(whatHappens(effect)).toEqual(expected)
})
