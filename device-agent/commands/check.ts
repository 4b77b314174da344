import { constants } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isReadableByOthers, readConnectionStringFile } from '../adapters/connection-string-file.ts'
import { linuxMachine, wayToReboot, type LinuxParts } from '../adapters/linux-machine.ts'
import type { AgentOptions } from '../options.ts'

export interface Finding {
  readonly verdict: 'ok' | 'note' | 'problem'
  readonly subject: string
  readonly text: string
}

export interface CheckParts {
  readonly options: AgentOptions
  readonly system: LinuxParts
  readonly lockedBy: () => Promise<string | undefined>
  /** Whether the environment holds the connection string. */
  readonly hasConnectionString: boolean
}

/** What the agent would find on this machine, and what it would do for each action. Changes nothing, asks no hub. */
export async function check(parts: CheckParts): Promise<Finding[]> {
  return Promise.all([
    checkConnection(parts),
    checkStateFolder(parts.options),
    checkBootId(parts),
    checkUpdateLock(parts),
    checkReboot(parts),
  ])
}

export function describeFindings(findings: readonly Finding[]): string[] {
  return findings.map(({ verdict, subject, text }) => `${verdict.padEnd(8)} ${subject.padEnd(18)} ${text}`)
}

async function checkConnection({ options, hasConnectionString }: CheckParts): Promise<Finding> {
  const subject = 'connection string'
  const file = options.connectionStringFile
  if (hasConnectionString) return { verdict: 'ok', subject, text: 'in DROVER_CONNECTION_STRING' }
  try {
    await readConnectionStringFile(file)
    return (await isReadableByOthers(file))
      ? { verdict: 'problem', subject, text: `everyone can read ${file}: chmod 600 it` }
      : { verdict: 'ok', subject, text: `in ${file}, which not everyone can read` }
  } catch (error) {
    return { verdict: 'problem', subject, text: messageOf(error) }
  }
}

/** By a folder that is made and removed: permissions alone do not know of read-only disks. */
async function checkStateFolder({ stateFolder }: AgentOptions): Promise<Finding> {
  const subject = 'state folder'
  try {
    const probe = await mkdtemp(join(stateFolder, '.check-'))
    await rm(probe, { recursive: true })
    return { verdict: 'ok', subject, text: `${stateFolder} can be written` }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return { verdict: 'problem', subject, text: messageOf(error) }
  }
  return access(dirname(stateFolder), constants.W_OK).then(
    () => ({ verdict: 'note', subject, text: `${stateFolder} is made by the first run` }),
    (error: unknown) => ({ verdict: 'problem', subject, text: messageOf(error) }),
  )
}

async function checkBootId({ options, system }: CheckParts): Promise<Finding> {
  const subject = 'boot id'
  if (options.simulatedDownMs !== undefined) return { verdict: 'note', subject, text: 'simulated' }
  try {
    return { verdict: 'ok', subject, text: await linuxMachine(system).bootId() }
  } catch (error) {
    return {
      verdict: 'problem',
      subject,
      text: `cannot be read, so no reboot is provable: ${messageOf(error)}`,
    }
  }
}

async function checkUpdateLock({ lockedBy, options }: CheckParts): Promise<Finding> {
  const subject = 'update lock'
  const locked = await lockedBy()
  return locked === undefined
    ? { verdict: 'ok', subject, text: `none in ${options.updateLockFile}; the hub may set one` }
    : { verdict: 'note', subject, text: locked }
}

async function checkReboot({ options, system, lockedBy }: CheckParts): Promise<Finding> {
  const subject = 'action reboot'
  if (options.simulatedDownMs !== undefined)
    return { verdict: 'note', subject, text: 'would only pretend: this machine is simulated' }
  const { refusal } = linuxMachine(system)
  if (refusal !== undefined)
    return { verdict: 'problem', subject, text: `would be refused with 501: ${refusal}` }
  const way = wayToReboot(system)
  if (way === undefined)
    return { verdict: 'problem', subject, text: 'would fail: no command to reboot was found' }
  const locked = await lockedBy()
  return locked === undefined
    ? { verdict: 'ok', subject, text: `would be done by ${way}` }
    : { verdict: 'note', subject, text: `would be refused with 503: ${locked}` }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
