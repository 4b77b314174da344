import { readFile } from 'node:fs/promises'
import { parseFaultText } from './fault-plan.ts'
import type { FaultPlan } from './fault-plan.ts'

/** Throws RangeError that names the file, and the place in it. */
export async function readFaultFile(file: string): Promise<FaultPlan> {
  try {
    return parseFaultText(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new RangeError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
