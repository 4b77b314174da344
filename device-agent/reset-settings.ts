import { isAbsolute } from 'node:path'
import type { SettingProblem } from './connection-settings.ts'
import { isWithin, problemOfWipe, type WipeSet } from './domain/wipe-set.ts'
import { pathsOf, type Settings } from './setting-values.ts'

/** What a factory reset of this device does. */
export interface ResetOptions extends WipeSet {
  /** The owner's own program, run before anything is removed. */
  readonly command: string | undefined
}

export const defaultStateFolder = '/var/lib/drover-agent'

/** What settings that are each right say wrong together. */
export function problemsOfReset(settings: Settings): SettingProblem[] {
  const stateFolder = settings['state-dir'] ?? defaultStateFolder
  const { wipe, keep } = toResetOptions(settings)
  return [
    ...wipe.flatMap((path, index) => {
      const problem = problemOfWipe(path, { stateFolder })
      return problem === undefined
        ? []
        : [{ name: 'reset-wipe' as const, problem: at('reset-wipe', index, problem) }]
    }),
    ...keep.flatMap((path, index) =>
      wipe.some((wiped) => isAbsolute(wiped) && isWithin(path, wiped))
        ? []
        : [
            {
              name: 'reset-keep' as const,
              problem: at('reset-keep', index, 'is in nothing that reset-wipe names'),
            },
          ],
    ),
  ]
}

/** Reads settings that `problemsOfReset` has nothing against. */
export function toResetOptions(settings: Settings): ResetOptions {
  const list = (value: string | undefined) => (value === undefined ? [] : pathsOf(value))
  return {
    wipe: list(settings['reset-wipe']),
    keep: list(settings['reset-keep']),
    command: settings['reset-command'],
  }
}

function at(name: string, index: number, problem: string): string {
  return `${name} number ${index + 1} ${problem}`
}
