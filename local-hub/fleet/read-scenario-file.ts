import { readFile } from 'node:fs/promises'
import { parseScenarioText } from './scenario.ts'
import type { Scenario } from './scenario.ts'

/** Throws RangeError that names the file, and the place in it. */
export async function readScenarioFile(file: string): Promise<Scenario> {
  try {
    return parseScenarioText(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new RangeError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
