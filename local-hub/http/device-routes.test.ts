import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CloudToDeviceMessage } from '../hub/cloud-to-device-message.ts'
import { selfSigned } from '../testing/device-certificates.ts'
import { openHttpsHub } from '../testing/https-hub.ts'
import type { HttpsAnswer, HttpsHub } from '../testing/https-hub.ts'
import { addDevice, newHub } from '../testing/new-hub.ts'
import { sas } from '../testing/raw-device.ts'
import { deviceOfPath } from './device-routes.ts'

let https: HttpsHub

beforeEach(async () => {
  https = await openHttpsHub(newHub())
  for (const deviceId of ['d', 'other']) addDevice(https.hub, deviceId)
})

afterEach(async () => {
  expect(https.bugs).toEqual([])
  await https.close()
})

const codeOf = ({ body }: HttpsAnswer) =>
  /ErrorCode:(\w+)/.exec((JSON.parse(body.toString()) as { Message: string }).Message)?.[1]

function messageWith(different: Partial<CloudToDeviceMessage>): CloudToDeviceMessage {
  return {
    messageId: undefined,
    correlationId: undefined,
    userId: undefined,
    contentType: undefined,
    contentEncoding: undefined,
    acknowledgement: 'none',
    expiresAt: undefined,
    properties: {},
    body: Buffer.from('hello'),
    ...different,
  }
}

describe('the messages for a device', () => {
  const authorization = () => https.tokenOf('d')
  const receive = () => https.ask({ path: '/devices/d/messages/devicebound', authorization: authorization() })
  const settle = (method: string, rest: string) =>
    https.ask({ method, path: `/devices/d/messages/devicebound/${rest}`, authorization: authorization() })
  const lockOf = ({ headers }: HttpsAnswer) => String(headers['etag']).replaceAll('"', '')

  test('come one by one with their properties, and 204 when there is none', async () => {
    expect((await receive()).status).toBe(204)
    https.hub.cloudToDevice.send(
      'd',
      messageWith({ messageId: 'm1', properties: { Level: 'hé' }, acknowledgement: 'full' }),
    )
    const answer = await receive()
    expect([answer.status, answer.body.toString()]).toEqual([200, 'hello'])
    expect(answer.headers).toMatchObject({
      'iothub-messageid': 'm1',
      'iothub-ack': 'full',
      'iothub-to': '/devices/d/messages/deviceBound',
      'iothub-deliverycount': '1',
      'iothub-app-level': Buffer.from('hé').toString('latin1'),
      etag: expect.stringMatching(/^"[\w-]+"$/) as string,
    })
    expect((await receive()).status).toBe(204)
  })

  test('are as many bytes as were sent, whatever they are', async () => {
    const body = Buffer.from([0, 255, 13, 10, 128])
    https.hub.cloudToDevice.send('d', messageWith({ body }))
    expect((await receive()).body).toEqual(body)
  })

  test('leave out a property that no header can carry, and come still', async () => {
    const properties = { 'a b': '1', split: 'x\r\ny: z', nul: '\0', good: 'yes' }
    https.hub.cloudToDevice.send('d', messageWith({ properties }))
    const { status, headers } = await receive()
    const names = Object.keys(headers).filter((name) => name.startsWith('iothub-app-'))
    expect([status, names]).toEqual([200, ['iothub-app-good']])
  })

  test('are gone when they are completed or rejected, and come again when they are abandoned', async () => {
    for (const [method, suffix] of [
      ['DELETE', ''],
      ['DELETE', '?reject'],
    ] as const) {
      https.hub.cloudToDevice.send('d', messageWith({}))
      const abandoned = await receive()
      expect((await settle('POST', `${lockOf(abandoned)}/abandon`)).status).toBe(204)
      const again = await receive()
      expect(again.headers['iothub-deliverycount']).toBe('2')
      expect((await settle(method, `${lockOf(again)}${suffix}`)).status).toBe(204)
      expect(https.hub.cloudToDevice.count('d')).toBe(0)
    }
  })

  test('are settled once only, and not by a lock that was never given', async () => {
    https.hub.cloudToDevice.send('d', messageWith({}))
    const lock = lockOf(await receive())
    await settle('DELETE', lock)
    for (const wrong of [lock, 'x', '%20', '%zz']) {
      const answer = await settle('DELETE', wrong)
      expect([400, 412]).toContain(answer.status)
    }
    expect(codeOf(await settle('DELETE', lock))).toBe('DeviceMessageLockLost')
  })

  test('are for nobody else', async () => {
    https.hub.cloudToDevice.send('d', messageWith({}))
    const lock = lockOf(await receive())
    const other = https.tokenOf('other')
    const attempts = [
      { path: '/devices/d/messages/devicebound' },
      { method: 'DELETE', path: `/devices/d/messages/devicebound/${lock}` },
      { method: 'POST', path: `/devices/d/messages/devicebound/${lock}/abandon` },
    ]
    for (const attempt of attempts) {
      for (const authorization of [other, undefined, 'Bearer x']) {
        expect((await https.ask({ ...attempt, authorization })).status).toBe(401)
      }
    }
    const own = await https.ask({
      ...attempts[1],
      path: `/devices/other/messages/devicebound/${lock}`,
      authorization: other,
    })
    expect(codeOf(own)).toBe('DeviceMessageLockLost')
    expect(https.hub.cloudToDevice.count('d')).toBe(1)
  })
})

describe('a back end', () => {
  const purge = (policy: string, path = '/devices/d/commands') => {
    const key = https.policies.get(policy)?.key ?? ''
    const authorization = `${sas(https.hostName, key, https.hub.clock.now() + 60_000)}&skn=${policy}`
    return https.ask({ method: 'DELETE', path, authorization })
  }

  test('drops the messages that wait for a device', async () => {
    for (let count = 0; count < 3; count += 1) https.hub.cloudToDevice.send('d', messageWith({}))
    const answer = await purge('service')
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
      200,
      { totalMessagesPurged: 3, deviceId: 'd', moduleId: null },
    ])
    expect(https.hub.cloudToDevice.count('d')).toBe(0)
  })

  test('needs ServiceConnect for that, and a device that exists', async () => {
    expect((await purge('registryReadWrite')).status).toBe(403)
    expect(codeOf(await purge('service', '/devices/nobody/commands'))).toBe('DeviceNotFound')
  })
})

describe('the messages of a device', () => {
  const send = (
    body: string | Uint8Array,
    headers: Record<string, string> = {},
    path = '/devices/d/messages/events',
  ) => https.ask({ method: 'POST', path, headers, body, authorization: https.tokenOf('d') })
  const batch = { 'content-type': 'application/vnd.microsoft.iothub.json' }

  test('are taken with 204, counted and charged', async () => {
    expect((await send('x'.repeat(5000))).status).toBe(204)
    expect(https.hub.telemetry.count).toBe(1)
    expect(https.limits.meter.counts().byKind.telemetry).toBe(2)
  })

  test('come many in one request', async () => {
    const messages = [
      { body: Buffer.from('a').toString('base64') },
      { body: 'b', base64Encoded: false, properties: { 'iothub-app-x': 'y' } },
    ]
    expect((await send(JSON.stringify(messages), batch)).status).toBe(204)
    expect(https.hub.telemetry.count).toBe(2)
  })

  test.each<[string, unknown]>([
    ['no list', { body: '' }],
    ['an empty list', []],
    ['a text', ['a']],
    ['no body', [{}]],
    ['a body that is no base64', [{ body: '*' }]],
    ['properties that are a list', [{ body: '', properties: [] }]],
    ['a property that is a number', [{ body: '', properties: { 'iothub-app-a': 1 } }]],
    ['501 messages', Array.from({ length: 501 }, () => ({ body: '' }))],
  ])('are refused as a whole in a batch with %s', async (_what, messages) => {
    const answer = await send(JSON.stringify(messages), batch)
    expect([answer.status, https.hub.telemetry.count]).toEqual([400, 0])
  })

  test('are refused when they are larger than 256 KB', async () => {
    expect((await send(Buffer.alloc(256 * 1024 + 1))).status).toBe(413)
    expect((await send(JSON.stringify([{ body: 'A'.repeat(256 * 1024) }]), batch)).status).toBe(413)
    expect(https.hub.telemetry.count).toBe(0)
  })

  test('come with a certificate too', async () => {
    const certificate = await selfSigned('any')
    https.hub.registry.create('x', {
      status: 'enabled',
      statusReason: undefined,
      credentials: {
        type: 'selfSigned',
        thumbprints: { primary: certificate.thumbprint, secondary: undefined },
      },
    })
    const { cert, key } = certificate
    const question = { method: 'POST', body: '{}' }
    expect((await https.ask({ ...question, path: '/devices/x/messages/events', cert, key })).status).toBe(204)
    expect((await https.ask({ ...question, path: '/devices/d/messages/events', cert, key })).status).toBe(401)
    expect((await https.ask({ ...question, path: '/devices/x/messages/events' })).status).toBe(401)
    const stranger = await selfSigned('any')
    expect(
      (
        await https.ask({
          ...question,
          path: '/devices/x/messages/events',
          cert: stranger.cert,
          key: stranger.key,
        })
      ).status,
    ).toBe(401)
  })

  test('come from a module with a token of its own', async () => {
    https.hub.modules.create({ deviceId: 'd', moduleId: 'm' }, { managedBy: undefined })
    const path = '/devices/d/modules/m/messages/events'
    const authorization = https.tokenOf('d', 'm')
    expect((await https.ask({ method: 'POST', path, body: '{}', authorization })).status).toBe(204)
    const ofDevice = https.tokenOf('other')
    expect((await https.ask({ method: 'POST', path, body: '{}', authorization: ofDevice })).status).toBe(401)
  })
})

test('a device that is let in is told by name what is not implemented', async () => {
  const answer = await https.ask({
    method: 'POST',
    path: '/devices/d/files',
    authorization: https.tokenOf('d'),
  })
  expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented'])
})

test('a client that offers to upgrade to HTTP/2 is answered as it asked', async () => {
  const headers = { connection: 'upgrade', upgrade: 'h2c' }
  const authorization = https.tokenOf('d')
  const answer = await https.ask({ path: '/devices/d/messages/devicebound', headers, authorization })
  expect(answer.status).toBe(204)
})

test('a device may not ask what is for the back end', async () => {
  for (const path of ['/devices/d', '/devices', '/twins/d', '/devices/d/modules']) {
    expect((await https.ask({ path, authorization: https.tokenOf('d') })).status).toBe(401)
  }
})

test.each([
  ['/devices/d/messages/events', 'd', undefined],
  ['/devices/a%2Fb/messages/devicebound/x/abandon', 'a/b', undefined],
  ['/devices/%zz/messages/events', '%zz', undefined],
  ['/devices/d/modules/m/messages/events', 'd', 'm'],
  ['/devices/d/files', 'd', undefined],
])('the path %s is of %s and its module %s', (path, deviceId, moduleId) => {
  expect(deviceOfPath(path)).toEqual({ deviceId, moduleId })
})

test.each([
  '/devices/d',
  '/devices/messages',
  '/devices/d/modules/messages',
  '/devices//messages/events',
  '/twins/d/messages/x',
])('the path %s is for the back end', (path) => {
  expect(deviceOfPath(path)).toBeUndefined()
})
