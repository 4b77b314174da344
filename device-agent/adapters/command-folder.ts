import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { methodNames } from '../../contract/device/method.ts'
import type { CommandProgram } from '../ports/command-program.ts'
import type { Log } from '../ports/log.ts'
import { runCommandProgram } from './command-process.ts'
import { problemOfProgram } from './owned-program.ts'

/** More would not fit into what a device reports of itself. */
const mostCommands = 16

/** Also the keys of reports, beside which others stand. */
const reserved: ReadonlySet<string> = new Set([
  ...Object.values(methodNames),
  ...['firmwareUpdate', 'agent', 'updateLock', 'lastReboot', 'iothubDM'],
])

export interface CommandFile {
  readonly name: string
  /** Why it is no method; undefined when it is one. */
  readonly problem: string | undefined
}

/** The files in a folder of commands, by name, each with what is wrong with it. */
export async function inspectCommands(folder: string): Promise<CommandFile[]> {
  const names = await readdir(folder).catch(() => [])
  const isOpen = names.length > 0 && (await isWritableByOthers(folder))
  const visible = names.filter((name) => !name.startsWith('.')).sort()
  const files = await Promise.all(
    visible.map(async (name) => ({
      name,
      problem: isOpen
        ? 'is in a folder that others than its owner can change: chmod go-w it'
        : (problemOfName(name) ?? (await problemOfProgram(join(folder, name)))),
    })),
  )
  let count = 0
  return files.map(({ name, problem }) => {
    if (problem === undefined) count += 1
    return {
      name,
      problem: problem ?? (count > mostCommands ? `is more than ${mostCommands} commands` : undefined),
    }
  })
}

/** The commands that may be called. What is wrong with another one is logged. */
export async function commandsIn(folder: string, log: Log): Promise<CommandProgram[]> {
  const files = await inspectCommands(folder)
  return files.flatMap(({ name, problem }) => {
    if (problem === undefined) {
      return [{ name, run: (call) => runCommandProgram({ path: join(folder, name), name }, call) }]
    }
    log('command-refused', { command: name.slice(0, 64), problem })
    return []
  })
}

function problemOfName(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,31}$/.test(name))
    return 'has a name that is no method: up to 32 letters, digits and _, a letter first'
  return reserved.has(name) ? 'has the name of something built in' : undefined
}

async function isWritableByOthers(folder: string): Promise<boolean> {
  if (process.platform === 'win32') return false
  return ((await stat(folder)).mode & 0o022) !== 0
}
