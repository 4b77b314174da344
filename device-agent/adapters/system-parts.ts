import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { RunCommand } from '../ports/command-runner.ts'
import type { FactoryReset } from '../ports/machine.ts'
import { askHelper, type HelperVerb } from './privileged-helper.ts'

/** What the adapters of machines need of the operating system. */
export interface SystemParts {
  readonly platform: NodeJS.Platform
  /** Reads a file below the root, as text. */
  readonly read: (path: string) => Promise<string>
  readonly exists: (path: string) => boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly run: RunCommand
  /** The privileged helper, where it is installed: the agent's own user may not reboot. */
  readonly helper?: ((verb: HelperVerb) => Promise<void>) | undefined
  /** The factory reset that is set up. */
  readonly reset?: FactoryReset | undefined
}

export type CommandLine = readonly [program: string, ...parameters: string[]]

const commandTimeoutMs = 60_000

export function thisSystem(helperSocket: string): SystemParts {
  const execute = promisify(execFile)
  return {
    platform: process.platform,
    helper: existsSync(helperSocket) ? (verb) => askHelper(helperSocket, verb) : undefined,
    read: (path) => readFile(path, 'utf8'),
    exists: existsSync,
    environment: process.env,
    async run(program, parameters) {
      return (await execute(program, [...parameters], { timeout: commandTimeoutMs })).stdout
    },
  }
}

/** Has the helper or the first command that can do it do it. Rejects with what each of them said. */
export async function orderInTurn(
  { run, helper }: Pick<SystemParts, 'run' | 'helper'>,
  verb: HelperVerb,
  commands: readonly CommandLine[],
): Promise<void> {
  const direct = commands.map(([program, ...parameters]) => ({
    name: program,
    attempt: async () => {
      await run(program, parameters)
    },
  }))
  const ways = helper === undefined ? direct : [{ name: 'helper', attempt: () => helper(verb) }, ...direct]
  const refusals: string[] = []
  for (const { name, attempt } of ways) {
    try {
      await attempt()
      return
    } catch (error) {
      refusals.push(`${name}: ${error instanceof Error ? firstLine(error.message) : 'failed'}`)
    }
  }
  throw new Error(refusals.join('; '))
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
