import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { AzureHubGateway } from '../../core/adapters/azure-hub-gateway.ts'
import type { QueriedDevice } from '../../core/ports/hub-gateway.ts'
import { HostileHub, html, json } from './support/hostile-hub.ts'

const sharedAccessKey = Buffer.from('the key that must not be seen!!!').toString('base64')
const deviceId = DeviceId.parse('pump-1')
const never = new AbortController().signal

let hub: HostileHub
let gateway: AzureHubGateway

beforeEach(async () => {
  hub = await HostileHub.start()
  gateway = open(hub.port, hub.ca)
})

afterEach(async () => {
  gateway.close()
  await hub.stop()
})

function open(port: number, ca: string): AzureHubGateway {
  const { hostName } = hub
  return new AzureHubGateway(
    { hostName, policyName: 'service', sharedAccessKey, gateway: { host: '127.0.0.1', port } },
    ca,
  )
}

async function failureOf(attempt: Promise<unknown>): Promise<AppError> {
  const error: unknown = await attempt.then(
    () => new Error('It succeeded.'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  return error as AppError
}

async function list(): Promise<QueriedDevice[]> {
  const devices: QueriedDevice[] = []
  for await (const page of gateway.listDevices([['properties', 'reported', 'iothubDM']], never))
    devices.push(...page)
  return devices
}

const invoke = (signal = never, responseTimeoutMs = 5_000): Promise<unknown> =>
  gateway.invokeMethod({ deviceId, methodName: 'reboot', payload: null, responseTimeoutMs }, signal)

describe('a captive portal', () => {
  test.each([200, 302, 403, 511])(
    'that answers %d with HTML is named as what it is, for every kind of call',
    async (status) => {
      hub.behave = (_, response) => html(response, status)
      for (const call of [
        () => gateway.check(never),
        () => gateway.readTwin(deviceId, never),
        () => invoke(),
        list,
      ]) {
        const error = await failureOf(call())
        expect(error).toMatchObject({ code: 'unexpected-answer' })
        expect(error.nextStep).toContain('proxy')
        expect(error.message).not.toContain('hotel')
      }
    },
  )
})

describe('an answer that is no answer', () => {
  test.each<[string, unknown]>([
    ['a text', 'hello'],
    ['an object where a list belongs', { devices: [] }],
    ['a number', 5],
  ])('%s instead of a page of devices is refused', async (_, body) => {
    hub.behave = (_request, response) => json(response, body)
    expect(await failureOf(list())).toMatchObject({ code: 'unexpected-answer' })
  })

  test('broken JSON with the right content type is refused', async () => {
    hub.behave = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('[{"deviceId":')
    await failureOf(list())
    await failureOf(gateway.readTwin(deviceId, never))
  })

  test('an empty 200 is refused', async () => {
    hub.behave = (_, response) => response.writeHead(200).end()
    expect(await failureOf(gateway.readTwin(deviceId, never))).toMatchObject({ code: 'unexpected-answer' })
  })

  test('a list for a twin is refused', async () => {
    hub.behave = (_, response) => json(response, [])
    expect(await failureOf(gateway.readTwin(deviceId, never))).toMatchObject({ code: 'unexpected-answer' })
  })

  test('a page with strange rows keeps its good ones', async () => {
    hub.behave = (_, response) => json(response, [null, 7, { deviceId: 'good', status: 5 }, { deviceId: {} }])
    expect(await list()).toMatchObject([{ deviceId: 'good', status: 'unknown' }])
  })

  test('a hub that repeats its pages for ever is cut off', async () => {
    hub.behave = (_, response) =>
      json(response, [{ deviceId: 'again' }], { headers: { 'x-ms-continuation': 'same' } })
    expect(await failureOf(list())).toMatchObject({ code: 'unexpected-answer' })
    expect(hub.requests.length).toBeLessThan(5)
  })
})

describe('silence', () => {
  test('ends with the deadline, and says that the request was sent', async () => {
    hub.behave = () => {}
    const error = await failureOf(invoke(AbortSignal.timeout(300)))
    expect(error.code).toBe('timeout')
    expect(hub.requests).toHaveLength(1)
  })

  test('ends at once when the person leaves', async () => {
    const leaving = new AbortController()
    hub.behave = () => leaving.abort()
    expect(await failureOf(invoke(leaving.signal))).toMatchObject({ code: 'cancelled' })
  })

  test('a connection that is cut after the request may have run', async () => {
    hub.behave = (request) => request.socket.destroy()
    expect(await failureOf(invoke())).toMatchObject({ code: 'timeout' })
  })
})

describe('a gateway', () => {
  test.each(['garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'does not take %j for a CA certificate, which TLS would skip without a word',
    (text) => {
      expect(() => open(hub.port, text)).toThrow()
    },
  )

  test('takes a list of certificates, with whatever stands between them', async () => {
    hub.behave = (_, response) => json(response, [])
    const other = await HostileHub.start()
    const listed = open(hub.port, `Proxy\n${other.ca}\n\n# Hub\n${hub.ca}\n`)
    await listed.check(never)
    listed.close()
    await other.stop()
  })

  test('that was closed sends nothing more, and says so', async () => {
    gateway.close()
    expect(await failureOf(invoke())).toMatchObject({ code: 'unreachable' })
    expect(hub.requests).toEqual([])
  })

  test('is not even asked by somebody who has left, and says so in its own words', async () => {
    for (const call of [() => gateway.check(AbortSignal.abort()), () => invoke(AbortSignal.abort())]) {
      expect(await failureOf(call())).toMatchObject({ code: 'cancelled' })
    }
    expect(hub.requests).toEqual([])
  })
})

describe('a hub that cannot be reached', () => {
  test('is told apart from one that does not answer: nothing was sent', async () => {
    const closed = open(await freePort(), hub.ca)
    const error = await failureOf(closed.check(never))
    closed.close()
    expect(error).toMatchObject({ code: 'unreachable' })
    expect(error.message).toContain('Nothing was sent')
  })

  test('because of a certificate points at the CA', async () => {
    const other = await HostileHub.start()
    const strange = open(hub.port, other.ca)
    const error = await failureOf(strange.check(never))
    strange.close()
    await other.stop()
    expect(error).toMatchObject({ code: 'unreachable' })
    expect(error.nextStep).toContain('CA certificate')
    expect(hub.requests).toEqual([])
  })

  test('because it is another host points at the certificate', async () => {
    const other = await HostileHub.start('elsewhere.azure-devices.local')
    const strange = open(other.port, other.ca)
    expect(await failureOf(strange.check(never))).toMatchObject({ code: 'unreachable' })
    strange.close()
    await other.stop()
  })
})

describe("a hub's own errors", () => {
  const method = (errorCode: number): object => ({
    Message: JSON.stringify({ errorCode, message: 'x' }),
    ExceptionMessage: '',
  })

  test.each<[number, object, string]>([
    [
      401,
      { Message: 'ErrorCode:IotHubUnauthorizedAccess;Unauthorized', ExceptionMessage: '' },
      'unauthorized',
    ],
    [403, { Message: 'ErrorCode:IotHubUnauthorized;No right', ExceptionMessage: '' }, 'forbidden'],
    [
      403,
      { Message: 'ErrorCode:IotHubQuotaExceeded;Total number of messages', ExceptionMessage: '' },
      'throttled',
    ],
    [400, { Message: 'ErrorCode:ArgumentInvalid;x', ExceptionMessage: '' }, 'invalid-input'],
    [404, method(404103), 'device-offline'],
    [404, method(404104), 'timeout'],
    [404, method(404001), 'not-found'],
    [404, { Message: 'ErrorCode:DeviceNotFound;E', ExceptionMessage: '' }, 'not-found'],
    [413, { Message: 'ErrorCode:MessageTooLarge;x', ExceptionMessage: '' }, 'invalid-input'],
    [429, { Message: 'ErrorCode:ThrottlingException;x', ExceptionMessage: '' }, 'throttled'],
    ...[429001, 429002, 429003].map((code): [number, object, string] => [429, method(code), 'throttled']),
    [500, { Message: 'ErrorCode:ServerError;x', ExceptionMessage: '' }, 'unexpected-answer'],
    [503, { Message: 'ErrorCode:ServiceUnavailable;x', ExceptionMessage: '' }, 'unexpected-answer'],
    [504, method(504101), 'timeout'],
  ])('%d %j is %s, and the method is sent once', async (status, body, code) => {
    hub.behave = (_, response) => json(response, body, { status })
    expect(await failureOf(invoke())).toMatchObject({ code })
    expect(hub.requests).toHaveLength(1)
  })

  test('a hub whose messages of the day are used up is not asked each few seconds, and says until when', async () => {
    const body = { Message: 'ErrorCode:IotHubQuotaExceeded;Total number of messages', ExceptionMessage: '' }
    hub.behave = (_, response) => json(response, body, { status: 403 })
    expect(await failureOf(invoke())).toMatchObject({
      fault: 'hub-day-used-up',
      retryAfterMs: 900_000,
      message: expect.stringContaining('00:00 UTC') as string,
    })
  })

  test.each([1, 300, 1_000_000])(
    'of the %i characters that a hub refuses with, few are kept',
    async (length) => {
      hub.behave = (_, response) => json(response, { Message: 'x'.repeat(length) }, { status: 400 })
      const { message, values } = await failureOf(invoke())
      expect(values).toEqual({ detail: 'x'.repeat(Math.min(300, length)) })
      expect(message.length).toBeLessThan(400)
    },
  )

  test('a hub at its limit says how long to wait', async () => {
    hub.behave = (_, response) =>
      json(
        response,
        { Message: 'ErrorCode:ThrottlingException;x' },
        { status: 429, headers: { 'retry-after': '7' } },
      )
    expect(await failureOf(invoke())).toMatchObject({ retryAfterMs: 7_000 })
  })
})

describe('many calls at once', () => {
  test('share 32 connections', async () => {
    hub.behave = (_, response) => json(response, { status: 202, payload: null })
    await Promise.all(Array.from({ length: 400 }, () => invoke()))
    expect(hub.requests).toHaveLength(400)
    expect(hub.mostConnections).toBeLessThanOrEqual(32)
  })
})

describe('a device id', () => {
  test.each([`lab'rig`, 'a/../b', '50%', 'what?', `<script>`, 'a b', '$me#1', 'ü'])(
    '%s is one segment of the path, and comes back as it was',
    async (id) => {
      hub.behave = (_, response) => json(response, { status: 200, payload: null })
      await gateway.invokeMethod(
        { deviceId: DeviceId.parse(id), methodName: 'reboot', payload: null, responseTimeoutMs: 5_000 },
        never,
      )
      const [, encoded] = /^POST \/twins\/([^/?]+)\/methods\?/.exec(hub.requests[0] ?? '') ?? []
      expect(decodeURIComponent(encoded ?? '')).toBe(id)
    },
  )
})

test('no error carries the key or a signature, however deep one looks', async () => {
  for (const status of [400, 401, 403, 404, 429, 500, 504]) {
    hub.behave = (_, response) => json(response, { Message: 'ErrorCode:X;y' }, { status })
    const shown = inspect(await failureOf(invoke()), { depth: 20, showHidden: true, getters: true })
    expect(shown).not.toMatch(/SharedAccessSignature|sig=/)
    expect(shown).not.toContain(sharedAccessKey)
  }
})

async function freePort(): Promise<number> {
  const closed = await HostileHub.start()
  const { port } = closed
  await closed.stop()
  return port
}
