import { rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModuleResult, ModuleVerb, RunModule } from '../ports/update-module.ts'
import type { FirmwareFloor } from './floor-file.ts'
import {
  installationFile,
  isOf,
  releaseOf,
  type AskedUpdate,
  Installation,
  type InstallationFile,
} from './installation.ts'
import { copySigned } from './package-copy.ts'
import type { FirmwareRequest, Judgement } from './plan.ts'
import { problemOf } from './problem.ts'

export interface InstallerParts {
  /** Only root may write here. */
  readonly folder: string
  /** By what root trusts. */
  readonly judge: (request: FirmwareRequest) => Promise<Judgement>
  readonly floor: FirmwareFloor
  readonly bootId: () => Promise<string>
  /** What the agent's record says is under way. It may be anything that this user has made up. */
  readonly asked: () => Promise<AskedUpdate | undefined>
  /** The package as the agent has left it. */
  readonly openPackage: () => Promise<FileHandle>
  readonly runModule: RunModule
}

type OnProgress = (percent: number) => void
type Known = Installation | undefined

const never = new AbortController().signal

/**
 * Does with root's rights what a module does, for an agent of which nothing is believed: the manifest is judged anew,
 * the package is copied to where only root can write and hashed on the way, and what may be committed or taken back is
 * what root itself has written down. Each verb may be asked again after any interruption.
 */
export class Installer {
  readonly #parts: InstallerParts
  readonly #record: InstallationFile
  readonly #path: string

  constructor(parts: InstallerParts) {
    this.#parts = parts
    this.#record = installationFile(join(parts.folder, 'installation'))
    this.#path = join(parts.folder, 'package')
  }

  /** Never rejects: what goes wrong is the reason why it failed. */
  async perform(verb: ModuleVerb, onProgress: OnProgress): Promise<ModuleResult> {
    try {
      const asked = await this.#parts.asked()
      if (asked === undefined) return failed('no firmware update is under way')
      const known = await this.#record.read()
      switch (verb) {
        case 'probe':
          return await this.#probe(asked, known)
        case 'install':
          return await this.#install(asked, known, onProgress)
        case 'commit':
          return await this.#commit(asked, known)
        case 'rollback':
          return await this.#rollback(asked, known)
      }
    } catch (error) {
      const { code, message } = problemOf(error, 'install-failed')
      return failed(`${code}: ${message}`)
    }
  }

  async #probe(asked: AskedUpdate, known: Known): Promise<ModuleResult> {
    const about = known !== undefined && isOf(known, asked) ? known : await this.#admit(asked)
    return typeof about === 'string' ? { kind: 'unavailable', reason: about } : this.#run('probe', about)
  }

  async #install(asked: AskedUpdate, known: Known, onProgress: OnProgress): Promise<ModuleResult> {
    const admitted = await this.#admit(asked)
    if (typeof admitted === 'string') return failed(admitted)
    if (known !== undefined && !isOf(known, asked)) {
      // An agent that has lost its memory never comes back to an earlier update.
      const result = await this.#takeBack(known)
      if (result.kind !== 'done') return failed(`the update before cannot be taken back: ${result.reason}`)
    }
    await copySigned(this.#parts.openPackage, this.#path, admitted)
    // The way back must be known before anything is touched.
    await this.#record.write(admitted)
    const result = await this.#run('install', admitted, onProgress)
    const after = { done: 'installed', unavailable: 'rolledBack', failed: 'installing' } as const
    await this.#record.write({ ...admitted, state: after[result.kind] })
    return result
  }

  async #commit(asked: AskedUpdate, known: Known): Promise<ModuleResult> {
    if (known === undefined || !isOf(known, asked)) return failed('nothing of this update is installed')
    if (known.state === 'committed') return nothingToDo
    if (known.state !== 'installed') return failed('this update is not installed as a whole')
    const result = await this.#run('commit', known)
    if (result.kind !== 'done') return result
    await this.#parts.floor.raise(known.sequence)
    await this.#end({ ...known, state: 'committed' })
    return result
  }

  async #rollback(asked: AskedUpdate, known: Known): Promise<ModuleResult> {
    // The installation was refused before anything was touched.
    if (known === undefined || !isOf(known, asked)) return nothingToDo
    return known.state === 'committed' ? failed('this update has been committed') : this.#takeBack(known)
  }

  async #takeBack(known: Installation): Promise<ModuleResult> {
    if (known.state === 'committed' || known.state === 'rolledBack') return nothingToDo
    const result = await this.#run('rollback', known)
    if (result.kind === 'done') await this.#end({ ...known, state: 'rolledBack' })
    return result
  }

  async #admit({ actionId, request }: AskedUpdate): Promise<Installation | string> {
    const judged = await this.#parts.judge(request)
    if (judged.plan === undefined) return `${judged.problem.code}: ${judged.problem.message}`
    const known = { actionId, release: releaseOf(request), state: 'installing' }
    const parsed = Installation.safeParse({ ...judged.plan, ...known })
    return parsed.success ? parsed.data : 'unsigned: only what is signed is installed with the rights of root'
  }

  async #run(verb: ModuleVerb, of: Installation, onProgress?: OnProgress): Promise<ModuleResult> {
    const { module, actionId, version, sha256, size } = of
    const about = { module, verb, actionId, bootId: await this.#parts.bootId(), isSigned: true }
    const content = { path: this.#path, version, sha256, size }
    return this.#parts.runModule({ ...about, package: content, ...(onProgress && { onProgress }) }, never)
  }

  async #end(installation: Installation): Promise<void> {
    await this.#record.write(installation)
    await rm(this.#path, { force: true })
  }
}

const nothingToDo: ModuleResult = { kind: 'done', version: undefined, needsReboot: false }

function failed(reason: string): ModuleResult {
  return { kind: 'failed', reason }
}
