import { problemsOfConnection, type SettingProblem } from './connection-settings.ts'
import { problemsOfReset } from './reset-settings.ts'
import type { Settings } from './setting-values.ts'

/** What settings that are each right say wrong together. */
export function problemsTogether(settings: Settings): SettingProblem[] {
  return [...problemsOfConnection(settings), ...problemsOfReset(settings)]
}
