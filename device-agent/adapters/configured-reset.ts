import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { keptBy } from '../domain/wipe-set.ts'
import type { FactoryReset } from '../ports/machine.ts'
import type { ResetOptions } from '../reset-settings.ts'
import { problemOfProgram } from './owned-program.ts'
import type { HelperVerb } from './privileged-helper.ts'
import { wipe } from './wiper.ts'

export interface ResetSurroundings {
  readonly stateFolder: string
  /** What the device signs in with. */
  readonly identityFiles: readonly string[]
  /** The privileged helper, where it is installed: the agent's own user may not remove what is the owner's. */
  readonly helper: ((verb: HelperVerb) => Promise<void>) | undefined
}

const commandTimeoutMs = 600_000

/** The factory reset that the settings describe; undefined where they describe none. */
export function configuredReset(options: ResetOptions, around: ResetSurroundings): FactoryReset | undefined {
  const { command } = options
  if (options.wipe.length === 0 && command === undefined) return undefined
  const { helper } = around
  const keeps = keptBy(options, around)
  return {
    wipes: [...options.wipe, ...(command === undefined ? [] : [`what ${command} resets`])],
    keeps,
    willReturn: keeps.includes('identity'),
    wipe: () => (helper === undefined ? performReset(options, around) : helper('wipe')),
  }
}

/** The owner's own program first: it may still need what is removed. Rejects when one of both does not succeed. */
export async function performReset(
  options: ResetOptions,
  around: Pick<ResetSurroundings, 'stateFolder'>,
): Promise<void> {
  if (options.command !== undefined) await runCommand(options.command)
  await wipe(options, around)
}

async function runCommand(command: string): Promise<void> {
  const problem = await problemOfProgram(command)
  if (problem !== undefined) throw new Error(`reset-command ${problem}`)
  try {
    await promisify(execFile)(command, [], { timeout: commandTimeoutMs, env: { PATH: process.env['PATH'] } })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'a signal'
    throw new Error(`reset-command ended with ${code}`, { cause: error })
  }
}
