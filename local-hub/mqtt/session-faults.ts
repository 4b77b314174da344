import type { FaultTarget, Faults } from '../faults/faults.ts'
import { meetFault } from '../faults/meet-fault.ts'
import type { FaultyStream, FaultyWork } from '../faults/meet-fault.ts'
import type { TurnQueue } from './turn-queue.ts'

export interface SessionFaultsOptions {
  readonly faults: Faults
  readonly deviceId: string
  readonly stream: FaultyStream
  readonly turns: TurnQueue
  readonly guard: (work: () => void) => void
}

/** What goes wrong with what a connected device says, as the plan of faults has it. */
export class SessionFaults {
  readonly #options: SessionFaultsOptions

  constructor(options: SessionFaultsOptions) {
    this.#options = options
  }

  meet(operation: FaultTarget['operation'], work: Pick<FaultyWork, 'execute' | 'refuse'>): void {
    const { faults, deviceId, stream, turns, guard } = this.#options
    if (faults.isEmpty) {
      work.execute()
      return
    }
    const effect = faults.choose({ operation, deviceId, methodName: undefined })
    const later = (delayMs: number, task: () => void) => {
      turns.run(delayMs, () => {
        guard(task)
      })
    }
    meetFault(effect, { ...work, later }, stream)
  }
}
