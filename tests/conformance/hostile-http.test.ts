import { once } from 'node:events'
import { request } from 'node:https'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../local-hub/fleet/seeded-random.ts'
import type { Random } from '../../local-hub/fleet/seeded-random.ts'
import { isLongRun, rounds } from '../support/rounds.ts'
import { forEachAtOnce, openHostileScene } from './support/hostile-scene.ts'
import type { HostileScene } from './support/hostile-scene.ts'
import { mutate, pick, whole } from './support/mutate.ts'
import { sasFor } from './support/sas.ts'
import { localOnly, localTitle } from './support/target.ts'

const timeoutMs = isLongRun ? 1_200_000 : 120_000
const version = 'api-version=2021-04-12'

/** What IoT Hub answers, and what stands for what this hub does not do. */
const documented = [200, 204, 400, 401, 403, 404, 409, 412, 413, 429, 501, 504]

interface Question {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const twinPatch = '{"tags":{"a":{"b":[1,2,3]}},"properties":{"desired":{"rate":5,"c":null}}}'
const questions: readonly Question[] = [
  { method: 'PUT', path: '/devices/victim', body: '{"deviceId":"victim","status":"enabled"}' },
  {
    method: 'PUT',
    path: '/devices/victim',
    body: '{"deviceId":"victim","authentication":{"type":"selfSigned","x509Thumbprint":{"primaryThumbprint":"0123456789012345678901234567890123456789"}}}',
    headers: { 'if-match': '"*"' },
  },
  { method: 'POST', path: '/devices', body: '[{"id":"victim","importMode":"updateIfMatchETag","eTag":"x"}]' },
  {
    method: 'POST',
    path: '/devices/query',
    body: '{"query":"SELECT deviceId FROM devices WHERE tags.a = 1"}',
  },
  { method: 'PATCH', path: '/twins/victim', body: twinPatch, headers: { 'if-match': '*' } },
  { method: 'PUT', path: '/twins/victim/modules/m', body: twinPatch },
  { method: 'PUT', path: '/devices/victim/modules/m', body: '{"deviceId":"victim","moduleId":"m"}' },
  {
    method: 'POST',
    path: '/twins/victim/methods',
    body: '{"methodName":"reboot","payload":{"a":[true]},"responseTimeoutInSeconds":5,"connectTimeoutInSeconds":0}',
  },
  {
    method: 'PUT',
    path: '/jobs/v2/j',
    body: '{"jobId":"j","type":"scheduleUpdateTwin","updateTwin":{"etag":"*","tags":{}},"queryCondition":"*","startTime":"2030-01-01T00:00:00Z"}',
  },
  { method: 'GET', path: '/jobs/v2/query', body: '', headers: { 'x-ms-max-item-count': '10' } },
  {
    method: 'PUT',
    path: '/$drover/faults',
    body: '{"rules":[{"device":"nobody","effect":{"kind":"status","status":503}}]}',
  },
  {
    method: 'POST',
    path: '/devices/victim/messages/events',
    body: '[{"body":"aGVsbG8=","properties":{"iothub-app-a":"b"}}]',
    headers: { 'content-type': 'application/vnd.microsoft.iothub.json' },
  },
  { method: 'GET', path: '/devices/victim/messages/devicebound', body: '' },
]

describe.skipIf(localOnly)(localTitle('malformed requests', 'hostile'), () => {
  let scene: HostileScene

  beforeAll(async () => {
    scene = await openHostileScene()
    await scene.hub.createDevice('victim')
  })

  afterEach(() => scene.assertUnharmed())

  afterAll(() => scene.close())

  /** Of the owner, who may also stand for a device. */
  function authorization(): string {
    const [, key = ''] = /SharedAccessKey=(.*)$/.exec(scene.hub.serviceConnectionString()) ?? []
    return sasFor(scene.hub.hostName, key, { policy: 'iothubowner' })
  }

  async function send({
    method,
    path,
    body,
    headers = {},
  }: Question & { body: string | Buffer }): Promise<Answer> {
    const separator = path.includes('?') ? '&' : '?'
    const message = request({
      method,
      path: `${path}${separator}${version}`,
      agent: scene.agent,
      headers: {
        'content-type': 'application/json',
        // Without it Node would send the body of a GET without its length: as the beginning of another request.
        'content-length': Buffer.byteLength(body),
        ...headers,
        authorization: authorization(),
      },
    })
    message.end(body)
    const [response] = (await once(message, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    return { status: response.statusCode, text: Buffer.concat(chunks).toString() }
  }

  test(
    'with a mutated body are answered with a documented status',
    async () => {
      const random = seededRandom(4)
      await forEachAtOnce(rounds(1000, 25_000), 8, async () => {
        const question = pick(questions, random)
        const body = mutate(Buffer.from(question.body), random)
        expectDocumented(await send({ ...question, body } as never), question, body)
      })
    },
    timeoutMs,
  )

  test(
    'with a mutated path or header are answered with a documented status',
    async () => {
      const random = seededRandom(5)
      await forEachAtOnce(rounds(500, 10_000), 8, async () => {
        const question = pick(questions, random)
        const path = `/${escapeControls(mutate(Buffer.from(question.path.slice(1)), random))}`
        const headers = mutatedHeaders(question.headers ?? {}, random)
        expectDocumented(await send({ ...question, path, headers }), question, Buffer.from(path))
      })
    },
    timeoutMs,
  )

  test(
    'of mutated bytes are answered, or hung up on',
    async () => {
      const random = seededRandom(6)
      await forEachAtOnce(rounds(200, 5000), 8, async () => {
        const { method, path, body } = pick(questions, random)
        const whole = `${method} ${path}?${version} HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
        const { httpsPort: port, caCertificate: ca } = scene.hub
        const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca })
        socket.on('error', () => undefined)
        const closed = once(socket.resume(), 'close')
        socket.end(mutate(Buffer.from(whole), random))
        await closed
      })
    },
    timeoutMs,
  )
})

interface Answer {
  readonly status: number
  readonly text: string
}

function expectDocumented({ status, text }: Answer, question: Question, input: Buffer): void {
  const about = `${question.method} ${question.path} ${input.toString('base64')} ${text}`
  expect(documented, about).toContain(status)
  if (status < 400) return
  const error = JSON.parse(text) as { Message?: unknown; errors?: readonly unknown[] }
  // A bulk tells of each device by itself.
  expect(typeof error.Message === 'string' || error.errors?.length === 1, about).toBe(true)
}

/** Bytes that Node refuses to send in a request line, so that the hub sees the rest. */
function escapeControls(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^!-~]/g, '%')
}

function mutatedHeaders(headers: Readonly<Record<string, string>>, random: Random): Record<string, string> {
  const value = escapeControls(mutate(Buffer.from('"AAAAAAAAAAE="'), random))
  const names = [
    'if-match',
    'x-ms-max-item-count',
    'x-ms-continuation',
    'content-type',
    'iothub-messageid',
    'iothub-app-x',
  ]
  return { ...headers, [names[whole(random, names.length)] ?? '']: value }
}
