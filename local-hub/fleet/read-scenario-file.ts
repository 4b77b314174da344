import { parseNamedFile } from '../read-named-file.ts'
import { parseScenarioText } from './scenario.ts'
import type { Scenario } from './scenario.ts'

/** Throws RangeError that names the file, and the place in it. */
export function readScenarioFile(file: string): Promise<Scenario> {
  return parseNamedFile(file, parseScenarioText)
}
