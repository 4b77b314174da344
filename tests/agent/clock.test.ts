import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHubCertificate, type HubCertificate } from '../../local-hub/security/certificates.ts'
import { localOnly, localTitle } from '../conformance/support/target.ts'
import { runProgram } from './support/agent-process.ts'
import { openField, type Field } from './support/field.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

const year = 365 * 86_400_000

/** As a device sees the certificate of its hub whose clock is so much behind. */
async function certificateAhead(ms: number): Promise<HubCertificate> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
  try {
    return await createHubCertificate('localhost')
  } finally {
    vi.useRealTimers()
  }
}

describe.skipIf(localOnly)(localTitle('a device by whose clock no certificate is valid', 'between'), () => {
  let server: Server
  let certificate: HubCertificate
  beforeEach(async () => {
    certificate = await certificateAhead(year)
    server = createServer({ cert: certificate.certificate, key: certificate.privateKey })
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    server.close()
  })

  test('says so to a person until it has reached its hub, and then knows how late it is', async () => {
    const device = await field.newDevice()
    const { port } = server.address() as AddressInfo
    const connectionString = device.connectionString.replace(/localhost:\d+/, `localhost:${port}`)
    const status = async () => (await runProgram(['status', '--state-dir', device.stateFolder])).output

    const blocked = await device.launch({ connectionString, ca: certificate.authority })
    await blocked.waitFor('clock-doubtful', 2)
    expect(await status()).toMatch(/^hub +not reached: by the clock of this machine \(\S+Z\)/m)
    expect(blocked.lines.some(({ event }) => event === 'connected')).toBe(false)
    await blocked.stop()

    // The hub tells the time where it has its WebSockets.
    const gateway = `localhost:${field.target.local?.httpsPort}`
    const free = await device.start({ parameters: ['--websocket-gateway', gateway] })
    await vi.waitFor(async () => {
      const known = Number(await readFile(join(device.stateFolder, 'clock'), 'utf8')) * 1000
      expect(Math.abs(known - Date.now())).toBeLessThan(120_000)
    })
    expect(await status()).not.toContain('not reached')
    await free.stop()
  })
})
