import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UpdateModuleName } from '../../contract/device/firmware.ts'
import type { Log } from '../ports/log.ts'
import type { ModuleCall, ModuleResult, RunModule } from '../ports/update-module.ts'
import { runProgram, type ProgramEnd } from './program.ts'

export interface ModuleFolders {
  /** The executables; the first folder that has one of the name counts. */
  readonly programs: readonly string[]
  /** `<name>.conf` of each. */
  readonly configuration: string
  /** What each keeps over a reboot. */
  readonly state: string
}

export interface ModuleProcessOptions {
  readonly folders: ModuleFolders
  readonly log: Log
  /** A module that takes longer is ended. */
  readonly timeoutMs: number
  /** Says why nothing in this place may be run or read with the rights of this process; undefined when it may. */
  readonly problemOf?: (path: string) => Promise<string | undefined>
}

/** The exit code of a module that cannot work on this device: EX_UNAVAILABLE of sysexits(3). */
const unavailableCode = 69

/** Runs update modules as docs/update-modules.md promises it to those who write them. */
export function moduleProcesses({ folders, log, timeoutMs, problemOf }: ModuleProcessOptions): RunModule {
  return async (call, signal) => {
    const program = await findProgram(folders.programs, call.module)
    if (program === undefined)
      return { kind: 'unavailable', reason: `there is no update module ${call.module} here` }
    const config = join(folders.configuration, `${call.module}.conf`)
    for (const path of [program, config]) {
      const problem = await problemOf?.(path)
      if (problem !== undefined) return { kind: 'unavailable', reason: `${path} ${problem}` }
    }
    const state = join(folders.state, call.module)
    await mkdir(state, { recursive: true, mode: 0o700 })
    const facts = newFacts()
    const end = await runProgram(
      {
        ...{ path: program, parameters: [call.verb], folder: state, timeoutMs },
        environment: environmentOf(call, { DROVER_MODULE_STATE: state, DROVER_MODULE_CONFIG: config }),
        onLine: (line) => {
          readFact(line, facts, call)
        },
      },
      signal,
    )
    const result = toResult(end, call.verb, { facts, timeoutMs })
    log('module', { module: call.module, verb: call.verb, actionId: call.actionId, ...summaryOf(result) })
    return result
  }
}

async function findProgram(folders: readonly string[], name: string): Promise<string | undefined> {
  // A manifest is signed, a call without a signature is not: no name leads out of the folders.
  if (!UpdateModuleName.safeParse(name).success) return undefined
  for (const folder of folders) {
    const path = join(folder, name)
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isExecutable) return path
  }
  return undefined
}

function environmentOf(
  { actionId, bootId, package: content }: ModuleCall,
  own: Readonly<Record<string, string>>,
) {
  const { path, version, sha256, size } = content
  return {
    ...{ DROVER_ACTION_ID: actionId, DROVER_BOOT_ID: bootId, DROVER_PACKAGE: path, DROVER_VERSION: version },
    ...{ DROVER_SHA256: sha256, DROVER_SIZE: String(size) },
    ...own,
  }
}

interface Facts {
  version: string | undefined
  needsReboot: boolean
}

function newFacts(): Facts {
  return { version: undefined, needsReboot: false }
}

function readFact(line: string, facts: Facts, { onProgress }: ModuleCall): void {
  const [, word, value = ''] = /^(version|reboot|progress) (.{1,64})$/.exec(line.trim()) ?? []
  if (word === 'version') facts.version = value
  if (word === 'reboot') facts.needsReboot = value === 'yes'
  const percent = Number(value)
  if (word === 'progress' && Number.isFinite(percent)) onProgress?.(Math.min(Math.max(percent, 0), 100))
}

function toResult(end: ProgramEnd, verb: string, around: { facts: Facts; timeoutMs: number }): ModuleResult {
  const { facts, timeoutMs } = around
  if (end.kind === 'late') return { kind: 'failed', reason: `${verb} did not end in ${timeoutMs / 1000} s` }
  if (end.kind === 'broken') return { kind: 'failed', reason: `${verb}: ${end.reason}` }
  if (end.code === 0) return { kind: 'done', ...facts }
  const reason = end.lastWords === '' ? `${verb} ended with ${end.code}` : end.lastWords
  return { kind: end.code === unavailableCode ? 'unavailable' : 'failed', reason }
}

function summaryOf(result: ModuleResult): Readonly<Record<string, string>> {
  return result.kind === 'done' ? { result: 'done' } : { result: result.kind, reason: result.reason }
}
