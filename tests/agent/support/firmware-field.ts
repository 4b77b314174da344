import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firmwareUpdateAction } from '../../../device-agent/actions/firmware-update.ts'
import { machineFile } from '../../../device-agent/adapters/machine-disk.ts'
import { runSimulatedMachine } from '../../../device-agent/adapters/simulated-machine.ts'
import { stateFile } from '../../../device-agent/adapters/state-file.ts'
import { systemClock } from '../../../device-agent/adapters/system-clock.ts'
import { runAgent } from '../../../device-agent/agent.ts'
import { deviceFirmware } from '../../../device-agent/firmware/device-firmware.ts'
import { defaultDownloadLimits } from '../../../device-agent/firmware/download.ts'
import { toFirmwareOptions } from '../../../device-agent/firmware/firmware-settings.ts'
import {
  generateKeyPair,
  readPrivateKey,
  signFirmware,
  type KeyPair,
} from '../../../device-agent/firmware/signing.ts'
import type { ConnectToHub } from '../../../device-agent/ports/hub-connection.ts'
import { defaultSettings } from '../../../device-agent/settings.ts'
import { FakeHub } from '../../../device-agent/testing/fake-hub.ts'
import type { FirmwareManifest } from '../../../contract/device/firmware.ts'
import { readReported } from '../../../contract/device/reported.ts'
import { shippedModules } from './firmware-modules.ts'
import { serve, sha256Of, startFirmwareServer, type FirmwareServer } from './firmware-server.ts'

/** A whole device that takes firmware for real, but for its hub and its power: one file is what is updated. */
export interface FirmwareField {
  readonly hub: FakeHub
  readonly server: FirmwareServer
  readonly key: KeyPair
  /** How often the machine was ordered to reboot. */
  readonly reboots: () => number
  /** What the updated file holds. */
  installed(): Promise<string>
  trust(key: KeyPair): Promise<void>
  distrust(key: KeyPair): Promise<void>
  /** Gives what a back end would send for this content. */
  release(content: Buffer, change?: Partial<FirmwareManifest>, key?: KeyPair): object
  /** Calls the method; resolves with its refusal, or with the end of the update. */
  update(payload: object): Promise<UpdateEnd>
  /** Makes the owner's health check do this: a body of a shell script. */
  checkHealthBy(body: string): Promise<void>
  close(): Promise<void>
}

export interface UpdateEnd {
  readonly status: string
  readonly code: string | undefined
}

export interface FirmwareFieldOptions {
  /** Of the module, beside its target. */
  readonly settings?: string
  /** To a hub that the test has; undefined: to one in memory. */
  readonly connect?: ConnectToHub
}

export async function openFirmwareField({
  settings = 'REBOOT=no\n',
  connect,
}: FirmwareFieldOptions = {}): Promise<FirmwareField> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-firmware-'))
  const place = (name: string) => join(folder, name)
  for (const name of ['keys', 'settings', 'device', 'own']) await mkdir(place(name))
  await writeFile(place('device/pump.bin'), 'factory')
  await writeFile(place('settings/file.conf'), `TARGET=${place('device/pump.bin')}\n${settings}`)
  const key = generateKeyPair()
  const server = await startFirmwareServer(serve({ bytes: Buffer.alloc(0) }))
  const hub = new FakeHub()
  const device = await startDevice({ folder, server, connect: connect ?? hub.connect })
  if (connect === undefined) await waitUntil(() => hub.isConnected)
  const keyFile = ({ keyId }: KeyPair) => place(`keys/${keyId}.pem`)
  const trust = (one: KeyPair) => writeFile(keyFile(one), one.publicPem)
  await trust(key)
  return {
    ...{ hub, server, key, trust },
    reboots: device.reboots,
    installed: () => readFile(place('device/pump.bin'), 'utf8'),
    distrust: (one) => rm(keyFile(one)),
    release: (content, change = {}, signer = key) => ({
      fwPackageUri: server.address,
      ...signFirmware(manifestFor(content, change), readPrivateKey(signer.privatePem)),
    }),
    update: (payload) => update(hub, payload),
    async checkHealthBy(body) {
      await writeFile(place('health'), `#!/bin/sh\n${body}\n`)
      await chmod(place('health'), 0o755)
    },
    async close() {
      await device.stop()
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

export function manifestFor(content: Buffer, change: Partial<FirmwareManifest> = {}): FirmwareManifest {
  return {
    format: 'drover-firmware/1',
    ...{ version: '2.0', sequence: 10, sha256: sha256Of(content), size: content.length, module: 'file' },
    ...{ hardware: ['pump-mk2'], expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
    ...change,
  }
}

interface Around {
  readonly folder: string
  readonly server: FirmwareServer
  readonly connect: ConnectToHub
}

async function startDevice({ folder, server, connect }: Around) {
  const place = (name: string) => join(folder, name)
  await writeFile(place('health'), '#!/bin/sh\nexit 0\n')
  await chmod(place('health'), 0o755)
  const log = () => undefined
  const firmware = await deviceFirmware({
    options: toFirmwareOptions({
      ...{
        'firmware-keys': place('keys'),
        'firmware-hardware': 'pump-mk2',
        'firmware-modules': place('own'),
      },
      ...{ 'firmware-module-settings': place('settings'), 'firmware-health-check': place('health') },
    }),
    ...{ stateFolder: place('state'), shippedModules, clock: systemClock, log, random: Math.random },
    connection: { requestOptions: () => ({ ca: server.ca }) },
    limits: {
      ...{ ...defaultDownloadLimits, patienceMs: 5_000, backoff: { baseMs: 1, capMs: 5 } },
      speed: { bytesPerSecond: 100_000, windowMs: 50, tries: 2 },
    },
  })
  const quick = { healthMs: 1_000, healthPollMs: 20, tries: 3, retryMs: 10 }
  const actions = [firmwareUpdateAction({ ...firmware, refusal: undefined, settings: quick })]
  const stop = new AbortController()
  let reboots = 0
  const ended = runSimulatedMachine(
    {
      ...{ disk: machineFile(place('machine.json')), clock: systemClock, firmwareVersion: '1', downMs: 5 },
      newBootId: randomUUID,
    },
    (machine, power) => {
      const counted = {
        ...machine,
        reboot: (reason: string) => {
          reboots += 1
          return machine.reboot(reason)
        },
      }
      const parts = {
        connect,
        store: stateFile(place('state'), log),
        clock: systemClock,
        log,
        actions,
      }
      const rest = {
        settings: { ...defaultSettings, settleMs: 0, progressIntervalMs: 100 },
        random: Math.random,
        newActionId: randomUUID,
      }
      return runAgent({ ...parts, ...rest, machine: counted }, power)
    },
    stop.signal,
  )
  return {
    reboots: () => reboots,
    async stop() {
      stop.abort()
      await ended
    },
  }
}

async function update(hub: FakeHub, payload: object): Promise<UpdateEnd> {
  const fresh = { actionId: `a-${randomUUID()}`, notAfter: new Date(Date.now() + 60_000).toISOString() }
  const call = { ...fresh, ...payload }
  await waitUntil(() => hub.isConnected)
  const answer = await hub.call('firmwareUpdate', call)
  if (answer.status !== 202) {
    const reason: unknown = Reflect.get(Object(answer.payload) as object, 'reason')
    return { status: String(answer.status), code: /^([a-z-]+):/.exec(String(reason))?.[1] }
  }
  const report = () => readReported(hub.reported).firmwareUpdate
  await waitUntil(() => report()?.actionId === call.actionId && report()?.endedAt !== undefined)
  return { status: report()?.status ?? '', code: report()?.error?.code }
}

async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come to that in 20 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
