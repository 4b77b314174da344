import { faults } from '../../contract/faults.ts'

export interface FaultWords {
  readonly meaning: string
  readonly step: string
}

/** What goes wrong is said in English where it is named: in the contract. */
export const enFaults: { readonly fault: Readonly<Record<keyof typeof faults, FaultWords>> } = {
  fault: Object.fromEntries(
    Object.entries(faults).map(([id, { meaning, step }]) => [id, { meaning, step }]),
  ) as Record<keyof typeof faults, FaultWords>,
}
