import { parseNamedFile } from '../read-named-file.ts'
import { parseFaultText } from './fault-plan.ts'
import type { FaultPlan } from './fault-plan.ts'

/** Throws RangeError that names the file, and the place in it. */
export function readFaultFile(file: string): Promise<FaultPlan> {
  return parseNamedFile(file, parseFaultText)
}
