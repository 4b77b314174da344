import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { iotHubConnector } from '../../device-agent/adapters/iot-hub-client.ts'
import { registerDevice } from '../conformance/support/device.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { invoke, openService, type Service } from '../conformance/support/service.ts'
import { openTarget, type Target } from '../conformance/support/target.ts'
import { openFirmwareField, type FirmwareField } from './support/firmware-field.ts'
import { serveBeside, type Answer } from './support/firmware-server.ts'

let target: Target
let service: Service
beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})
afterAll(() => target.close())

let field: FirmwareField
let deviceId: string
beforeEach(async () => {
  deviceId = `${target.prefix}tutorial-${randomBytes(4).toString('hex')}`
  const connectionString = await registerDevice(target, service, deviceId)
  const connect = iotHubConnector({ connectionString, caCertificate: target.ca, log: () => undefined })
  field = await openFirmwareField({ settings: 'RESTART="sleep 0.7"\nREBOOT=no\n', connect })
  await eventually(readTwin, ({ agent }) => agent !== undefined)
})
afterEach(async () => {
  await field.close()
  await service.registry.delete(deviceId)
})

interface IothubDm {
  readonly agent?: object
  readonly firmwareUpdate?: Readonly<Record<string, unknown>> & { readonly status?: string }
}

async function readTwin(): Promise<IothubDm> {
  const { responseBody: twin } = await service.registry.getTwin(deviceId)
  return (
    (twin as unknown as { properties: { reported: { iothubDM?: IothubDm } } }).properties.reported.iothubDM ??
    {}
  )
}

/**
 * The back end of "Use device management to initiate a device firmware update (Node)": it starts the update by a
 * direct method, and looks at the twin again and again. Resolves with its answer and what it saw, in order.
 */
async function tutorialBackEnd(payload: unknown, last: RegExp) {
  const answer = await invoke(service, deviceId, { name: 'firmwareUpdate', payload, responseSeconds: 30 })
  const seen: string[] = []
  const deadline = Date.now() + 30_000
  for (;;) {
    const { firmwareUpdate } = await readTwin()
    const { status } = firmwareUpdate ?? {}
    if (status !== undefined && seen.at(-1) !== status) seen.push(status)
    if (last.test(status ?? '')) return { answer, seen, firmwareUpdate }
    if (Date.now() > deadline) throw new Error(`no end: ${seen.join(' ')}`)
    // The tutorial's 500 ms are for phases of 4 s.
    await pause(50)
  }
}

/** A server that takes its time before each answer. */
function slowly(answer: Answer): Answer {
  return (request, response) => {
    setTimeout(() => {
      answer(request, response)
    }, 600)
  }
}

const forms = [
  ['the tutorial, as JSON in a string', (fwPackageUri: string) => JSON.stringify({ fwPackageUri })],
  ['the sample of the SDK, as an object', (fwPackageUri: string) => ({ fwPackageUri })],
] as const

describe.each(forms)('a back end that asks for an address alone, like %s,', (_, payloadFor) => {
  test('sees the words that it knows, and the signed release beside the package is installed', async () => {
    const content = randomBytes(30_000)
    field.server.answerWith(slowly(serveBeside(content, JSON.stringify(field.release(content)))))
    const { answer, seen, firmwareUpdate } = await tutorialBackEnd(
      payloadFor(field.server.address),
      /^applyComplete$/,
    )
    expect(answer).toEqual({ status: 200, payload: 'FirmwareUpdate started' })
    const words = ['waiting', 'downloading', 'applying', 'applyComplete']
    expect(seen.filter((word) => word !== 'downloadComplete' && word !== 'verifying')).toEqual(words)
    expect(firmwareUpdate).toMatchObject({ fwVersion: '2.0' })
    expect(Date.parse(String(firmwareUpdate?.['lastFirmwareUpdate']))).not.toBeNaN()
    expect(JSON.stringify(firmwareUpdate)).not.toContain('secret-token')
    expect(await field.installed()).toBe(content.toString('utf8'))
  })

  test('is told why when nothing signed is beside it, and nothing is installed', async () => {
    field.server.answerWith(serveBeside(randomBytes(30_000), undefined))
    const { seen, firmwareUpdate } = await tutorialBackEnd(payloadFor(field.server.address), /Failed$/)
    expect(seen.at(-1)).toBe('downloadFailed')
    expect(firmwareUpdate?.['error']).toEqual({
      code: 'unsigned',
      message:
        'no signed release (*.release.json) is beside the package: the server answers with the status 404',
    })
    expect(await field.installed()).toBe('factory')
  })

  test('is refused in the words of the sample when the address is not https', async () => {
    const payload = payloadFor('http://firmware.example/pump.bin')
    const answer = await invoke(service, deviceId, { name: 'firmwareUpdate', payload, responseSeconds: 30 })
    expect(answer).toEqual({ status: 400, payload: 'Invalid URL format.  Must use https:// protocol.' })
  })
})
