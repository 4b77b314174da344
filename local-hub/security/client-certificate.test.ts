import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import type { Server, TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { close, listen } from '../listen.ts'
import { newAuthority, selfSigned } from '../testing/device-certificates.ts'
import type { DeviceCertificate, TestAuthority } from '../testing/device-certificates.ts'
import { createHubCertificate } from './certificates.ts'
import { clientCertificateOf, isCertificateOf, normalThumbprint } from './client-certificate.ts'
import type { ClientCertificate } from './client-certificate.ts'
import { tlsOptionsOf } from './tls-options.ts'

let authority: TestAuthority
let server: Server

beforeAll(async () => {
  authority = await newAuthority('Factory')
  const certificate = await createHubCertificate('hub.example')
  server = createServer(tlsOptionsOf({ certificate, deviceAuthorities: [authority.cert] }))
  await listen(server, 0)
})

afterAll(() => close(server))

/** What the hub sees of a client that shows this certificate. */
async function seenOf(shown: Partial<DeviceCertificate>, session?: Buffer): Promise<Seen> {
  const { port } = server.address() as AddressInfo
  const { cert, key } = shown
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
  const client = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(session && { session }),
  })
  const [socket] = await accepted
  const seen = clientCertificateOf(socket)
  const tickets: Buffer[] = []
  client.on('session', (ticket: Buffer) => tickets.push(ticket))
  socket.end('x')
  await once(client.resume(), 'end')
  const isResumed = client.isSessionReused()
  client.destroy()
  return { seen, session: tickets[0], isResumed }
}

interface Seen {
  readonly seen: ClientCertificate | undefined
  readonly session: Buffer | undefined
  readonly isResumed: boolean
}

test('a client that shows no certificate has none', async () => {
  expect((await seenOf({})).seen).toBeUndefined()
})

test('a certificate of its own has both thumbprints, and nobody vouches for it', async () => {
  const shown = await selfSigned('device, with = and + and /slash')
  expect((await seenOf(shown)).seen).toEqual({
    thumbprints: [shown.thumbprint, shown.thumbprint256],
    commonName: 'device, with = and + and /slash',
    validFrom: Date.parse('2000-01-01'),
    validTo: Date.parse('2040-01-01'),
    isTrusted: false,
  })
})

test('the authority vouches for its own, and not for another with its name, nor for what has expired', async () => {
  const stranger = await newAuthority('Factory')
  const expired = await authority.issue('d', { validTo: Date.parse('2020-01-01') })
  const isTrusted = async (shown: DeviceCertificate) => (await seenOf(shown)).seen?.isTrusted
  expect(await isTrusted(await authority.issue('d'))).toBe(true)
  expect(await isTrusted(await stranger.issue('d'))).toBe(false)
  expect(await isTrusted(expired)).toBe(false)
})

test('a client that takes up an earlier session has the certificate that it had', async () => {
  const shown = await authority.issue('d')
  const first = await seenOf(shown)
  const second = await seenOf(shown, first.session)
  expect([first.isResumed, second.isResumed]).toEqual([false, true])
  expect(second.seen).toEqual(first.seen)
})

test.each([[[]], [['a', 'b']]])('a subject with the common names %j has none', async (names) => {
  const shown = await selfSigned(names)
  expect((await seenOf(shown)).seen?.commonName).toBeUndefined()
})

test('a certificate without a readable end lets nobody in', () => {
  const certificate = { thumbprints: ['AA'], commonName: 'd', validFrom: 0, validTo: NaN, isTrusted: true }
  const record = { deviceId: 'd', credentials: { type: 'certificateAuthority' } } as const
  expect(isCertificateOf(record, certificate, 1)).toBe(false)
  expect(isCertificateOf(record, { ...certificate, validTo: 2 }, 1)).toBe(true)
})

test('thumbprints are compared without colons and case', () => {
  expect(normalThumbprint('aB:0c')).toBe('AB0C')
})
