import { constants } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inspectCommands } from '../adapters/command-folder.ts'
import { clockFile } from '../adapters/clock-file.ts'
import { hostOf } from '../adapters/host-machine.ts'
import { systemClock, writtenAt } from '../adapters/system-clock.ts'
import type { SystemParts } from '../adapters/system-parts.ts'
import type { AgentOptions } from '../options.ts'
import { checkConnection } from './check-connection.ts'
import { checkFirmware } from './check-firmware.ts'

export interface Finding {
  readonly verdict: 'ok' | 'note' | 'problem'
  readonly subject: string
  readonly text: string
}

export interface CheckParts {
  readonly options: AgentOptions
  readonly system: SystemParts
  readonly lockedBy: () => Promise<string | undefined>
  /** Whether the environment holds the connection string. */
  readonly hasConnectionString: boolean
}

/** What the agent would find on this machine, and what it would do for each action. Changes nothing, asks no hub. */
export async function check(parts: CheckParts): Promise<Finding[]> {
  const findings = await Promise.all([
    checkConnection(parts),
    checkStateFolder(parts.options),
    checkClock(parts.options),
    checkBootId(parts),
    checkUpdateLock(parts),
    checkReboot(parts),
    checkFactoryReset(parts),
    checkFirmware(parts.options),
  ])
  return [...findings, ...(await checkCommands(parts.options))]
}

async function checkCommands({ commandsFolder }: AgentOptions): Promise<Finding[]> {
  const files = await inspectCommands(commandsFolder)
  return files.map(({ name, problem }) => {
    const subject = `command ${name.slice(0, 32)}`
    return problem === undefined
      ? { verdict: 'ok', subject, text: 'would be run' }
      : { verdict: 'problem', subject, text: `would not be a method: it ${problem}` }
  })
}

export function describeFindings(findings: readonly Finding[]): string[] {
  return findings.map(({ verdict, subject, text }) => `${verdict.padEnd(8)} ${subject.padEnd(20)} ${text}`)
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

/** A clock that is behind what the agent knows finds no certificate valid, and nobody who could tell the time. */
async function checkClock({ stateFolder }: AgentOptions): Promise<Finding> {
  const subject = 'clock'
  const says = new Date(systemClock.now()).toISOString()
  const earliest = Math.max((await clockFile(stateFolder)).known ?? 0, writtenAt)
  return systemClock.now() >= earliest
    ? { verdict: 'ok', subject, text: says }
    : {
        verdict: 'problem',
        subject,
        text: `${says}: it was later than ${new Date(earliest).toISOString()} before`,
      }
}

async function checkBootId({ options, system }: CheckParts): Promise<Finding> {
  const subject = 'boot id'
  if (options.simulatedDownMs !== undefined) return { verdict: 'note', subject, text: 'simulated' }
  try {
    return { verdict: 'ok', subject, text: await hostOf(system).machine.bootId() }
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

async function checkReboot(parts: CheckParts): Promise<Finding> {
  const subject = 'action reboot'
  const obstacle = await obstacleTo(parts)
  if (obstacle !== undefined) return { ...obstacle, subject }
  const way = hostOf(parts.system).wayToReboot
  return way === undefined
    ? { verdict: 'problem', subject, text: 'would fail: no command to reboot was found' }
    : { verdict: 'ok', subject, text: `would be done by ${way}` }
}

async function checkFactoryReset(parts: CheckParts): Promise<Finding> {
  const subject = 'action factoryReset'
  const { reset } = parts.system
  if (reset === undefined && parts.options.simulatedDownMs === undefined)
    return { verdict: 'note', subject, text: 'would be refused with 501: reset-wipe is not set' }
  const obstacle = await obstacleTo(parts)
  if (obstacle !== undefined || reset === undefined)
    return { verdict: 'note', text: '', ...obstacle, subject }
  const [wipes, keeps] = [reset.wipes.join(', '), reset.keeps.join(', ')]
  return reset.willReturn
    ? { verdict: 'ok', subject, text: `would wipe ${wipes}; would keep ${keeps}` }
    : { verdict: 'note', subject, text: `would wipe ${wipes}: this device would not come back by itself` }
}

/** What stands in the way of anything destructive. */
async function obstacleTo({
  options,
  system,
  lockedBy,
}: CheckParts): Promise<Omit<Finding, 'subject'> | undefined> {
  if (options.simulatedDownMs !== undefined)
    return { verdict: 'note', text: 'would only pretend: this machine is simulated' }
  const { refusal } = hostOf(system).machine
  if (refusal !== undefined) return { verdict: 'problem', text: `would be refused with 501: ${refusal}` }
  const locked = await lockedBy()
  return locked === undefined ? undefined : { verdict: 'note', text: `would be refused with 503: ${locked}` }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
