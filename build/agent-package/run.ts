import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface ToolOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a tool and resolves with what it printed; rejects with its name and its last words. */
export async function runTool(
  tool: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execute(tool, [...args], { maxBuffer: 2 ** 26, ...options })
    return stdout
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    const problem = said === '' && error instanceof Error ? error.message : said
    throw new Error(`${tool}: ${problem}`, { cause: error })
  }
}

/** Whether a tool can be run here at all. */
export async function hasTool(tool: string): Promise<boolean> {
  return execute(tool, ['--version']).then(
    () => true,
    () => false,
  )
}
