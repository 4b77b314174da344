import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { moduleProcesses } from '../../../device-agent/firmware/module-process.ts'
import type { ModuleResult, ModuleVerb } from '../../../device-agent/ports/update-module.ts'
import { sha256Of } from './firmware-server.ts'

export const shippedModules = join(import.meta.dirname, '../../../device-agent/update-modules')

export interface Release {
  readonly path: string
  readonly version: string
}

export interface ModuleBench {
  /** Has `own` for modules of the test, `config`, `state`, and `device` for what is updated. */
  readonly folder: string
  /** What the agent logged of the modules. */
  readonly logged: readonly object[]
  ask(
    module: string,
    verb: ModuleVerb,
    release?: Release,
  ): Promise<{ result: ModuleResult; progress: number[] }>
  /** Gives the last result; each must have succeeded. */
  perform(module: string, verbs: readonly ModuleVerb[], release: Release): Promise<ModuleResult>
  /** The same, with so much time for each verb. */
  withTimeout(timeoutMs: number): ModuleBench
  configure(module: string, text: string): Promise<void>
  writeModule(name: string, body: string): Promise<void>
  makeFile(version: string): Promise<Release>
  remove(): Promise<void>
}

/** Folders in which update modules run as the agent runs them. */
export async function openModuleBench(): Promise<ModuleBench> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-modules-'))
  for (const name of ['own', 'config', 'state', 'device']) await mkdir(join(folder, name))
  return moduleBench(folder, [], 20_000)
}

const never = new AbortController().signal

function moduleBench(folder: string, logged: object[], timeoutMs: number): ModuleBench {
  const run = moduleProcesses({
    folders: {
      programs: [join(folder, 'own'), shippedModules],
      ...{ configuration: join(folder, 'config'), state: join(folder, 'state') },
    },
    log: (_event, fields = {}) => void logged.push(fields),
    timeoutMs,
  })

  async function ask(module: string, verb: ModuleVerb, release = { path: '/nonexistent', version: '2' }) {
    const bytes = await readFile(release.path).catch(() => Buffer.alloc(0))
    const content = { ...release, sha256: sha256Of(bytes), size: bytes.length }
    const progress: number[] = []
    const onProgress = (percent: number) => void progress.push(percent)
    const about = { module, verb, actionId: 'a1', bootId: 'b1', isSigned: true }
    const call = { ...about, package: content, onProgress }
    return { result: await run(call, never), progress }
  }

  return {
    folder,
    logged,
    ask,
    async perform(module, verbs, release) {
      let last: ModuleResult = { kind: 'failed', reason: 'nothing was asked' }
      for (const verb of verbs) {
        last = (await ask(module, verb, release)).result
        expect(last, verb).toMatchObject({ kind: 'done' })
      }
      return last
    },
    withTimeout: (shorterMs) => moduleBench(folder, logged, shorterMs),
    configure: (module, text) => writeFile(join(folder, 'config', `${module}.conf`), text),
    async writeModule(name, body) {
      await writeFile(join(folder, 'own', name), `#!/bin/sh\n${body}\n`)
      await chmod(join(folder, 'own', name), 0o755)
    },
    async makeFile(version) {
      const path = join(folder, `file-${version}`)
      await writeFile(path, `pump ${version}\n`)
      return { path, version }
    },
    remove: () => rm(folder, { recursive: true }),
  }
}

export function versionOf(result: ModuleResult): string | undefined {
  return result.kind === 'done' ? result.version : undefined
}
