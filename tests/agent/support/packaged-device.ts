import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { packAgent } from '../../../build/agent-package/pack-agent.ts'
import { readReported } from '../../../contract/device/reported.ts'
import type { FirmwareManifest } from '../../../contract/device/firmware.ts'
import {
  generateKeyPair,
  readPrivateKey,
  signFirmware,
  type KeyPair,
} from '../../../device-agent/firmware/signing.ts'
import { registerDevice } from '../../conformance/support/device.ts'
import { eventually } from '../../conformance/support/eventually.ts'
import { invoke, type MethodResult } from '../../conformance/support/service.ts'
import { bootDevice, type BootedDevice } from './booted-device.ts'
import { openField, request, type Field } from './field.ts'
import { manifestFor, type UpdateEnd } from './firmware-field.ts'
import { serve, startFirmwareServer, type FirmwareServer } from './firmware-server.ts'

/** A booted machine on which the package of the agent is installed as its page says, with a hub and a firmware server. */
export interface PackagedDevice {
  readonly device: BootedDevice
  readonly folder: string
  readonly key: KeyPair
  release(content: Buffer, change?: Partial<FirmwareManifest>, key?: KeyPair): object
  /** Calls a method of its agent. */
  call(name: string, payload: unknown): Promise<MethodResult>
  readonly reported: () => Promise<ReturnType<typeof readReported>>
  /** Serves this content, calls the method, and resolves with the end of the update. */
  update(content: Buffer, release: object): Promise<UpdateEnd>
  /** The same for a call that names only the address; the release lies beside the package there. */
  updateByAddress(content: Buffer, release: object): Promise<UpdateEnd>
  close(): Promise<void>
}

export async function openPackagedDevice(): Promise<PackagedDevice> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-packaged-'))
  const platform = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64'
  const [deb = ''] = await packAgent({ platform, outFolder: folder, formats: ['deb'], compression: 'none' })
  const [field, server] = [await openField(), await startFirmwareServer(serve({ bytes: Buffer.alloc(0) }))]
  const device = await bootDevice(path.join(folder, 'device'))
  const key = generateKeyPair()
  const deviceId = await install(device, { deb, field, server, key })
  return {
    ...{ device, folder, key },
    call: (name, payload) => invoke(field.service, deviceId, { name, payload, responseSeconds: 20 }),
    reported: () => reported(field, deviceId),
    release: (content, change = {}, signer = key) => ({
      fwPackageUri: server.address,
      ...signFirmware(manifestFor(content, { module: 'deb', ...change }), readPrivateKey(signer.privatePem)),
    }),
    update(content, release) {
      server.answerWith(serve({ bytes: content }))
      return update(field, deviceId, release)
    },
    updateByAddress(content, release) {
      const [packed, beside] = [content, Buffer.from(JSON.stringify(release))].map((bytes) =>
        serve({ bytes }),
      )
      server.answerWith((asked, response) => {
        const answer = asked.url?.includes('.release.json') ? beside : packed
        answer?.(asked, response)
      })
      return update(field, deviceId, { fwPackageUri: server.address })
    },
    async close() {
      await device.stop()
      await server.close()
      await field.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Surroundings {
  readonly deb: string
  readonly field: Field
  readonly server: FirmwareServer
  readonly key: KeyPair
}

/** Resolves with its device id when the agent is connected. */
async function install(device: BootedDevice, { deb, field, server, key }: Surroundings): Promise<string> {
  copyFileSync(deb, device.at('root/agent.deb'))
  await device.run('dpkg', '--install', '/root/agent.deb')
  mkdirSync(device.at('etc/drover-agent/firmware-keys'))
  writeFileSync(device.at(`etc/drover-agent/firmware-keys/${key.keyId}.pem`), key.publicPem)
  writeFileSync(device.at('etc/drover-agent/ca.pem'), `${field.target.ca ?? ''}\n${server.ca}\n`)
  writeFileSync(
    device.at('etc/drover-agent/agent.conf'),
    'firmware-hardware = pump-mk2\nextra-ca = /etc/drover-agent/ca.pem\n',
  )
  const deviceId = `${field.target.prefix}packaged-${process.pid}`
  const connectionString = await registerDevice(field.target, field.service, deviceId)
  writeFileSync(device.at('root/key'), connectionString, { mode: 0o600 })
  await device.run('drover-agent', 'provision', '--connection-string-file', '/root/key')
  await device.run('systemctl', 'restart', 'drover-agent')
  await eventually(
    () => reported(field, deviceId),
    ({ agent }) => agent !== undefined,
  )
  return deviceId
}

async function reported({ service }: Field, deviceId: string): Promise<ReturnType<typeof readReported>> {
  const { responseBody } = await service.registry.getTwin(deviceId)
  return readReported((responseBody as { properties: { reported: unknown } }).properties.reported)
}

let calls = 0

/** For an update, with the reboots that belong to it. */
const patienceMs = 180_000

async function update(field: Field, deviceId: string, release: object): Promise<UpdateEnd> {
  calls += 1
  const actionId = `update-${calls}`
  const payload = { ...request(actionId), ...release }
  const { status } = await invoke(field.service, deviceId, {
    name: 'firmwareUpdate',
    payload,
    responseSeconds: 20,
  })
  if (status !== 202) return { status: String(status), code: undefined }
  const { firmwareUpdate } = await eventually(
    () => reported(field, deviceId),
    ({ firmwareUpdate: report }) => report?.actionId === actionId && report.endedAt !== undefined,
    patienceMs,
  )
  return { status: firmwareUpdate?.status ?? '', code: firmwareUpdate?.error?.code }
}

export function textOf(device: BootedDevice, file: string): string {
  return readFileSync(device.at(file), 'utf8')
}
