import { randomBytes, randomInt } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateKeyPair } from '../../device-agent/firmware/signing.ts'
import { rounds } from '../support/rounds.ts'
import { openFirmwareField, type FirmwareField } from './support/firmware-field.ts'
import { serve, serveBeside, type Answer } from './support/firmware-server.ts'

let field: FirmwareField

beforeEach(async () => {
  field = await openFirmwareField()
})
afterEach(() => field.close())

/** One try of an attacker who holds the hub, the network and the server, but no key. */
interface Attack {
  readonly named: string
  readonly codes: readonly string[]
  readonly payload: (content: Buffer) => object | Promise<object>
}

const genuine = (content: Buffer, change = {}) => field.release(content, change)

/** The attacks of The Update Framework and of Uptane that concern one device. */
const attacks: readonly Attack[] = [
  {
    named: 'arbitrary software without a signature',
    codes: ['unsigned'],
    payload: () => ({ fwPackageUri: field.server.address, fwVersion: '9.9' }),
  },
  {
    named: 'arbitrary software with a forged signature',
    codes: ['bad-signature', 'unknown-key'],
    payload: (content) => {
      const forger = generateKeyPair()
      const forged = field.release(content, {}, forger)
      return randomInt(2) === 0 ? forged : { ...forged, keyId: field.key.keyId }
    },
  },
  {
    named: 'an address alone, beside which there is no release that this device trusts',
    codes: ['unsigned', 'bad-signature', 'unknown-key', 'endless-data'],
    payload: (content) => {
      const forged = field.release(content, {}, generateKeyPair())
      const beside = [
        () => undefined,
        () => content,
        () => JSON.stringify({ ...forged, keyId: field.key.keyId }),
        () => JSON.stringify(forged),
        () => JSON.stringify({ ...forged, signature: undefined }),
        () => Buffer.alloc(100_000, '{'),
      ][randomInt(6)]?.()
      field.server.answerWith(serveBeside(content, beside))
      return { fwPackageUri: field.server.address }
    },
  },
  {
    named: 'a key that was stolen and is not trusted any more',
    codes: ['unknown-key'],
    payload: async (content) => {
      const stolen = generateKeyPair()
      await field.trust(stolen)
      const release = field.release(content, {}, stolen)
      await field.distrust(stolen)
      return release
    },
  },
  {
    named: 'rollback to an older release',
    codes: ['rollback'],
    payload: (content) => genuine(content, { sequence: randomInt(10) }),
  },
  {
    named: 'freeze on a release that has expired',
    codes: ['expired'],
    payload: (content) =>
      genuine(content, { expiresAt: new Date(Date.now() - randomInt(1, 1e9)).toISOString() }),
  },
  {
    named: 'fast-forward by a sequence that nobody signed',
    codes: ['bad-signature'],
    payload: (content) => {
      const release = genuine(content) as { manifest: string }
      return {
        ...release,
        manifest: release.manifest.replace('"sequence":10', '"sequence":9007199254740991'),
      }
    },
  },
  {
    named: 'software for other hardware',
    codes: ['wrong-hardware'],
    payload: (content) => genuine(content, { hardware: [`pump-mk${randomInt(3, 99)}`] }),
  },
  {
    named: 'mix and match of two genuine releases',
    codes: ['mismatch', 'wrong-hash', 'wrong-size', 'endless-data'],
    payload: (content) => {
      const other = randomBytes(content.length + randomInt(3) - 1)
      const { sha256, size, fwVersion } = genuine(content) as Record<string, unknown>
      const mixed = genuine(other, { version: '2.1' })
      return (
        [{ ...mixed, sha256 }, { ...mixed, fwVersion }, { ...mixed, size, sha256 }, mixed][randomInt(4)] ??
        mixed
      )
    },
  },
  {
    named: 'endless data',
    codes: ['endless-data'],
    payload: (content) => {
      const isAnnounced = randomInt(2) === 0
      const longer = Buffer.concat([content, randomBytes(100_000)])
      field.server.answerWith((request, response) => {
        if (isAnnounced) serve({ bytes: longer })(request, response)
        else response.writeHead(200, { etag: '"a"' }).end(longer)
      })
      return genuine(content)
    },
  },
  {
    named: 'slow retrieval',
    codes: ['slow-download'],
    payload: (content) => {
      field.server.answerWith((request, response) => {
        response.writeHead(200, { etag: '"a"', 'content-length': content.length })
        const timer = setInterval(() => response.write(content.subarray(0, 1)), randomInt(1, 20))
        request.socket.on('close', () => {
          clearInterval(timer)
        })
      })
      return genuine(content)
    },
  },
  {
    named: 'a part of a release',
    codes: ['wrong-size'],
    payload: (content) => {
      field.server.answerWith(serve({ bytes: content.subarray(0, randomInt(1, content.length)) }))
      return genuine(content)
    },
  },
  {
    named: 'a malicious mirror',
    codes: ['insecure-address', 'wrong-hash', 'refused-download'],
    payload: (content) => {
      const tricks: readonly Answer[] = [
        serve({ bytes: randomBytes(content.length) }),
        (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1/evil.bin' }).end(),
        (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end(),
      ]
      const trick = tricks[randomInt(tricks.length)]
      if (trick !== undefined) field.server.answerWith(trick)
      return genuine(content)
    },
  },
]

test('there are thirteen classes of attack', () => {
  expect(attacks).toHaveLength(13)
})

test('a genuine release is installed on the very device that is attacked below', async () => {
  const content = randomBytes(50_000)
  field.server.answerWith(serve({ bytes: content }))
  expect(await field.update(field.release(content))).toEqual({ status: 'applyComplete', code: undefined })
  expect(await field.installed()).toBe(content.toString('utf8'))
})

test.each(attacks)('$named installs nothing, and is called what it is', async ({ codes, payload }) => {
  const committed = Buffer.from('committed before')
  field.server.answerWith(serve({ bytes: committed }))
  expect(await field.update(field.release(committed))).toMatchObject({ status: 'applyComplete' })
  for (let round = 0; round < rounds(3, 20); round += 1) {
    const content = randomBytes(randomInt(20_000, 60_000))
    field.server.answerWith(serve({ bytes: content }))
    const end = await field.update(await payload(content))
    expect(codes).toContain(end.code)
    expect(['400', '410', 'downloadFailed']).toContain(end.status)
    expect(await field.installed()).toBe('committed before')
  }
})

test('the same call again, and one that comes too late, install nothing more', async () => {
  const content = randomBytes(20_000)
  field.server.answerWith(serve({ bytes: content }))
  const call = { ...field.release(content), actionId: 'replayed' }
  expect((await field.update(call)).status).toBe('applyComplete')
  expect(await field.update(call)).toEqual({ status: '200', code: undefined })
  const late = { ...field.release(content), notAfter: new Date(Date.now() - 1000).toISOString() }
  expect((await field.update(late)).status).toBe('410')
  expect(field.server.ranges).toHaveLength(1)
})
