import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHubCertificate, type HubCertificate } from '../../local-hub/security/certificates.ts'
import { startWebProxy } from '../../tests/agent/support/web-proxy.ts'
import { hubTime } from './hub-time.ts'
import { network, proxyOf, type Network } from './network.ts'

let certificate: HubCertificate
let server: Server
let port = 0
let date: string | undefined
beforeAll(async () => {
  certificate = await createHubCertificate('hub.example')
  server = createServer({ cert: certificate.certificate, key: certificate.privateKey }, (_, response) => {
    response.sendDate = date === undefined
    if (date !== undefined && date !== '') response.setHeader('date', date)
    response.writeHead(401).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

async function statusOf(way: Network): Promise<number | undefined> {
  const asking = request({ host: 'hub.example', path: '/', ...way.hubRequestOptions('hub.example') })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  asking.destroy()
  return answer.statusCode
}

const gateway = () => `localhost:${port}`
const trusting = () => ({ ca: certificate.authority })

describe('the way to a host', () => {
  test('leads to its gateway, and who answers there must be the host itself', async () => {
    expect(await statusOf(network({ ...trusting(), webSocketGateway: gateway() }))).toBe(401)
    const stranger = await createHubCertificate('other.example')
    const wrong = network({ ca: stranger.authority, webSocketGateway: gateway() })
    await expect(statusOf(wrong)).rejects.toThrow(/certificate/)
  })

  test('trusts an authority as well as the public ones, or none but it', async () => {
    expect(await statusOf(network({ extraCa: certificate.authority, webSocketGateway: gateway() }))).toBe(401)
    expect(network({ extraCa: certificate.authority }).ca?.length).toBeGreaterThan(100_000)
    expect(network({ ...trusting(), extraCa: 'more' }).ca).toBe(certificate.authority)
    expect(network({}).ca).toBeUndefined()
  })

  test('leads through the proxy, with its password', async () => {
    const proxy = await startWebProxy({ targetPort: port, password: 'me:pass word' })
    const url = new URL(`http://me:pass%20word@127.0.0.1:${proxy.port}`)
    expect(await statusOf(network({ ...trusting(), proxy: url }))).toBe(401)
    expect(proxy.tunnels).toEqual(['hub.example:443'])
    await proxy.close()
  })

  test('that the proxy refuses is told with its status', async () => {
    const proxy = await startWebProxy({ targetPort: port, password: 'somebody:else' })
    const refusals: number[] = []
    const url = new URL(`http://127.0.0.1:${proxy.port}`)
    const way = network({ ...trusting(), proxy: url, onProxyRefusal: (status) => void refusals.push(status) })
    expect(await statusOf(way)).toBe(407)
    expect(refusals).toEqual([407])
    await proxy.close()
  })
})

test('the gateway of the hub is nobody else’s', async () => {
  const proxy = await startWebProxy({ targetPort: port })
  const way = network({
    ...trusting(),
    webSocketGateway: 'localhost:1',
    proxy: new URL(`http://127.0.0.1:${proxy.port}`),
  })
  const asking = request({ host: 'hub.example', path: '/', ...way.requestOptions('hub.example') })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  expect(answer.statusCode).toBe(401)
  asking.destroy()
  await proxy.close()
})

describe('the proxy of the environment', () => {
  test.each([
    [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
    [{ https_proxy: 'proxy:3128' }, 'http://proxy:3128/'],
    [{ HTTPS_PROXY: '' }, undefined],
    [{}, undefined],
  ])('%j is %s', (environment, url) => {
    expect(proxyOf(environment).proxy?.href).toBe(url)
  })

  test.each(['ftp://proxy', 'http://', 'http://me:secret@:x'])('%j is none, and is not repeated', (text) => {
    expect(() => proxyOf({ HTTPS_PROXY: text })).toThrow('HTTPS_PROXY must be like')
    expect(() => proxyOf({ HTTPS_PROXY: text })).not.toThrow('secret')
  })

  test.each([
    ['hub.example', '*', false],
    ['hub.example', 'hub.example', false],
    ['HUB.example', '.example', false],
    ['hub.example', 'other, example:443', false],
    ['hub.example', 'b.example', true],
    ['example.com', 'example', true],
    ['hub.example', '', true],
    ['localhost', '', false],
  ])('is %s with NO_PROXY=%s: %s', (host, without, isProxied) => {
    const environment = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: without }
    expect(network(proxyOf(environment)).isProxied(host)).toBe(isProxied)
  })

  test('is no way at all when there is none', () => {
    expect(network({}).isProxied('hub.example')).toBe(false)
  })
})

describe('the time of a hub', () => {
  const way = () => network({ ...trusting(), webSocketGateway: gateway() })

  test('is that of its answer, whatever the answer is', async () => {
    date = 'Thu, 01 Jan 2026 12:00:00 GMT'
    expect(await hubTime('hub.example', way())).toBe(Date.UTC(2026, 0, 1, 12))
  })

  test.each(['', 'yesterday'])('is unknown when the answer says %j', async (text) => {
    date = text
    await expect(hubTime('hub.example', way())).rejects.toThrow('does not say what time it is')
  })

  test('is not taken from somebody who cannot prove to be the hub', async () => {
    date = undefined
    const stranger = await createHubCertificate('hub.example')
    const wrong = network({ ca: stranger.authority, webSocketGateway: gateway() })
    await expect(hubTime('hub.example', wrong)).rejects.toThrow(/certificate/)
  })
})
