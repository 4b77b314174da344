import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  generateKeyPair,
  readPrivateKey,
  signFirmware,
  type KeyPair,
} from '../../../device-agent/firmware/signing.ts'
import { invoke } from '../../conformance/support/service.ts'
import { eventually } from '../../conformance/support/eventually.ts'
import { request, type Field } from './field.ts'
import { manifestFor } from './firmware-field.ts'
import { shippedModules } from './firmware-modules.ts'
import { serve, startFirmwareServer } from './firmware-server.ts'

const agentEntry = fileURLToPath(new URL('../../../device-agent/main.ts', import.meta.url))

/** What a module updates on a device of its own, and how one sees what is there. */
export interface Updated {
  /** For the module. */
  readonly settings: string
  /** The package of version 2.0. */
  readonly package: Buffer
  /** Goes before what is in PATH. */
  readonly bin?: string
  /** `old` or `new` when all of it is that, and otherwise what it is. */
  observe(): Promise<string>
  close?(): Promise<void>
}

export type MakeUpdated = (folder: string) => Promise<Updated>

export interface KilledUpdate {
  /** Whether the update was long enough to be killed there. */
  readonly wasKilled: boolean
  readonly status: string
  readonly code: string | undefined
  readonly found: string
}

export interface KillPlan {
  readonly make: MakeUpdated
  /** The number of the command before which it dies. */
  readonly killAt: number
  /** Whether the new version pleases the owner's health check. */
  readonly isWell: boolean
}

/** What the modules call, each of which may be the last thing that is about to happen. */
const commands = [
  ...[
    'basename',
    'chmod',
    'cp',
    'cut',
    'dpkg',
    'dpkg-deb',
    'dpkg-query',
    'ln',
    'mkdir',
    'mv',
    'readlink',
    'rm',
  ],
  ...['sed', 'sha256sum', 'sync', 'tar', 'rauc', 'swupdate', 'busctl'],
]

/**
 * Updates a device whose power supply is a switch: before the n-th command of its module, the agent and all that it has
 * started die by SIGKILL. The agent is started again, and what it reports at last is what counts.
 */
export async function killUpdate(field: Field, module: string, plan: KillPlan): Promise<KilledUpdate> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-killed-'))
  await mkdir(join(folder, 'device'))
  const updated = await plan.make(join(folder, 'device'))
  const server = await startFirmwareServer(serve({ bytes: updated.package }))
  const key = generateKeyPair()
  await layOut(folder, { ...plan, module, updated, key, ca: `${field.target.ca ?? ''}\n${server.ca}\n` })
  const device = await field.newDevice()
  const agent = agentIn(folder, { connectionString: device.connectionString, bin: updated.bin })
  const isOver = async () => (await device.reported()).firmwareUpdate?.endedAt !== undefined
  try {
    await agent.start()
    await eventually(
      () => device.reported(),
      (reported) => reported.agent !== undefined,
    )
    const content = manifestFor(updated.package, { module, sequence: 1 })
    const release = signFirmware(content, readPrivateKey(key.privatePem))
    const payload = { ...request(`a-${randomUUID()}`), fwPackageUri: server.address, ...release }
    await invoke(field.service, device.deviceId, { name: 'firmwareUpdate', payload, responseSeconds: 20 })
    await eventually(async () => agent.isDead() || (await isOver()), Boolean, 60_000)
    const wasKilled = existsSync(join(folder, 'killed'))
    if (wasKilled) await agent.start()
    await eventually(isOver, Boolean, 60_000)
    const { firmwareUpdate } = await device.reported()
    const { status = 'none', error } = firmwareUpdate ?? {}
    return { wasKilled, status, code: error?.code, found: await updated.observe() }
  } finally {
    await agent.end()
    await updated.close?.()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Layout extends KillPlan {
  readonly module: string
  readonly updated: Updated
  readonly key: KeyPair
  readonly ca: string
}

async function layOut(folder: string, { module, updated, key, ca, killAt, isWell }: Layout): Promise<void> {
  const at = (name: string) => join(folder, name)
  for (const name of ['bin', 'keys', 'settings', 'none', 'state']) await mkdir(at(name))
  await writeFile(at(`keys/${key.keyId}.pem`), key.publicPem)
  await writeFile(at('ca.pem'), ca)
  await writeFile(at(`settings/${module}.conf`), updated.settings)
  await writeFile(at('kill-at'), `${killAt}\n`)
  await writeFile(at('health'), `#!/bin/sh\nexit ${isWell ? 0 : 1}\n`, { mode: 0o755 })
  await writeFile(at('agent.conf'), configuration(folder, isWell))
  const path = pathOf(updated.bin)
  for (const name of commands)
    await writeFile(at(`bin/${name}`), switchBefore(name, { folder, path }), { mode: 0o755 })
}

function configuration(folder: string, isWell: boolean): string {
  const at = (name: string) => join(folder, name)
  const settings = {
    ...{
      'state-dir': at('state'),
      ca: at('ca.pem'),
      'firmware-keys': at('keys'),
      'firmware-hardware': 'pump-mk2',
    },
    ...{ 'firmware-modules': shippedModules, 'firmware-module-settings': at('settings') },
    ...{ 'helper-socket': at('none/a'), 'installer-socket': at('none/b'), 'commands-dir': at('none') },
    ...{ 'firmware-health-check': at('health'), 'firmware-health-time': isWell ? '60' : '1' },
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}

function pathOf(...folders: (string | undefined)[]): string {
  return [...folders, process.env['PATH']].filter((each) => each !== undefined).join(delimiter)
}

/** The real agent, not simulated, one life after the other. */
function agentIn(
  folder: string,
  { connectionString, bin }: { connectionString: string; bin: string | undefined },
) {
  const PATH = pathOf(join(folder, 'bin'), bin)
  let child: ChildProcess | undefined
  const isDead = () => child === undefined || child.exitCode !== null || child.signalCode !== null
  return {
    isDead,
    async start() {
      if (child !== undefined && !isDead())
        throw new Error('The agent lives on, although it was to be killed.')
      child = spawn(process.execPath, [agentEntry, 'run', '--config', join(folder, 'agent.conf')], {
        stdio: 'ignore',
        env: { ...process.env, DROVER_CONNECTION_STRING: connectionString, PATH },
      })
      await writeFile(join(folder, 'agent'), `${child.pid}\n`)
    },
    async end() {
      if (child === undefined || isDead()) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * Kills the agent and the group of the module, which is the leader of it, and nobody else: once, and by their numbers.
 * What the agent calls otherwise goes on and is not counted.
 */
function switchBefore(
  name: string,
  { folder, path }: { readonly folder: string; readonly path: string },
): string {
  return `#!/bin/sh
export PATH='${path}'
# Its number is written down a moment after its start, and a module may be asked before.
until read -r agent 2> /dev/null < ${folder}/agent; do sleep 0.01; done
module=$(ps -o pgid= -p $$ | tr -d ' ')
if [ "$(ps -o ppid= -p "$module" | tr -d ' ')" = "$agent" ]; then
  echo >> ${folder}/count
  if [ "$(wc -l < ${folder}/count)" -ge "$(cat ${folder}/kill-at)" ] && mkdir ${folder}/killed 2> /dev/null; then
    kill -9 "$agent"
    kill -9 -"$module"
  fi
fi
real=$(command -v ${name} || echo ${name})
export PATH='${folder}/bin:${path}'
exec "$real" "$@"
`
}

/** Reads what is there, or undefined. */
export async function textIn(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
