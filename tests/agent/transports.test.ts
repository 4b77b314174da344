import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newAuthority, selfSigned } from '../../local-hub/testing/device-certificates.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { localOnly, localTitle } from '../conformance/support/target.ts'
import type { AgentProcess } from './support/agent-process.ts'
import { writtenAt } from '../../device-agent/adapters/system-clock.ts'
import { openField, request, type Field } from './support/field.ts'
import { startWebProxy } from './support/web-proxy.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(async () => {
  await field.close()
})

const webSocket = () => ['--websocket-gateway', `localhost:${field.target.local?.httpsPort}`]
/** Nothing listens there. */
const blocked = (connectionString: string) => connectionString.replace(/localhost:\d+/, 'localhost:1')
const withoutGateway = (connectionString: string) => connectionString.replace(/;GatewayHostName=.*/, '')

function waysOf(agent: AgentProcess): unknown[] {
  return agent.lines.filter(({ event }) => event === 'connecting').map(({ transport }) => transport)
}

describe.skipIf(localOnly)(localTitle('a network that blocks MQTT', 'between'), () => {
  test('is left through a WebSocket, and the next start knows the way', async () => {
    const device = await field.newDevice()
    const options = { connectionString: blocked(device.connectionString), parameters: webSocket() }
    const agent = await device.start(options)
    expect(waysOf(agent)).toEqual(['mqtt', 'mqtt-websocket'])
    expect(await device.call(request('action-1'))).toMatchObject({ status: 202 })
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
    await agent.stop()

    const again = await device.start(options)
    expect(waysOf(again)).toEqual(['mqtt-websocket'])
  })

  test('is not left where only MQTT is allowed', async () => {
    const device = await field.newDevice()
    const agent = await device.launch({
      connectionString: blocked(device.connectionString),
      parameters: [...webSocket(), '--transport', 'mqtt'],
    })
    await agent.waitFor('disconnected', 3)
    expect(new Set(waysOf(agent))).toEqual(new Set(['mqtt']))
  })

  test('is left through its proxy, whose password nobody is told', async () => {
    const proxy = await startWebProxy({
      targetPort: field.target.local?.httpsPort ?? 0,
      password: 'me:proxy-secret',
    })
    const device = await field.newDevice()
    const agent = await device.start({
      connectionString: withoutGateway(device.connectionString),
      environment: { HTTPS_PROXY: `http://me:proxy-secret@127.0.0.1:${proxy.port}`, NO_PROXY: '' },
    })
    expect(waysOf(agent)).toEqual(['mqtt-websocket'])
    expect(proxy.tunnels[0]).toBe(`${field.service.hostName}:443`)
    await device.call(request('action-1'))
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
    expect(JSON.stringify(agent.lines)).not.toContain('proxy-secret')
    await agent.kill()
    await proxy.close()
  })

  test('whose proxy wants another password says so, and the agent goes on trying', async () => {
    const proxy = await startWebProxy({ targetPort: 1, password: 'me:another' })
    const device = await field.newDevice()
    const agent = await device.launch({
      connectionString: withoutGateway(device.connectionString),
      environment: { HTTPS_PROXY: `http://me:proxy-secret@127.0.0.1:${proxy.port}`, NO_PROXY: '' },
    })
    expect(await agent.waitFor('proxy-refused', 2)).toMatchObject({ status: 407 })
    expect(JSON.stringify(agent.lines)).not.toContain('proxy-secret')
    await agent.kill()
    await proxy.close()
  })
})

/** For a process whose clock is wrong by so much. */
function clockOffBy(errorMs: number): Record<string, string> {
  const shift = `const now=Date.now.bind(Date);Date.now=()=>now()+(${errorMs})`
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` }
}

describe.skipIf(localOnly)(localTitle('a clock that is wrong', 'between'), () => {
  const errors = [
    ['ten years behind', -315_576_000_000],
    ['two hours behind', -7_200_000],
  ] as const
  test.each(errors)('by being %s is corrected by the hub, and the device is let in', async (_, errorMs) => {
    const device = await field.newDevice()
    const agent = await device.start({ parameters: webSocket(), environment: clockOffBy(errorMs) })
    expect((await agent.waitFor('disconnected'))['cause']).toContain('Not authorized')
    const { byMs } = await agent.waitFor('clock-corrected')
    // No clock is believed by which this agent is not written yet.
    const believed = Math.max(Date.now() + errorMs, writtenAt)
    expect(Math.abs(Number(byMs) - (Date.now() - believed))).toBeLessThan(20_000)
    await device.call(request('action-1'))
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
    await agent.stop()

    // The next start goes on from what this one has learnt, and its first token is good.
    const again = await device.start({ parameters: webSocket(), environment: clockOffBy(errorMs) })
    expect(again.lines.map(({ event }) => event)).not.toContain('disconnected')
  })

  const keeper = '/run/systemd/timesync/synchronized'
  const because = existsSync(keeper) ? ' (skipped: systemd keeps the clock of this machine)' : ''
  const title = 'by being years ahead is let in, corrected all the same, and does what is not too late'
  test.skipIf(existsSync(keeper))(`${title}${because}`, async () => {
    const device = await field.newDevice()
    const agent = await device.start({ parameters: webSocket(), environment: clockOffBy(315_576_000_000) })
    await agent.waitFor('clock-corrected')
    expect(await device.call(request('action-1'))).toMatchObject({ status: 202 })
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
  })

  test('is not what a machine has whose clock is right', async () => {
    const device = await field.newDevice()
    const agent = await device.start({ parameters: webSocket() })
    await device.call(request('action-1'))
    await device.outcome('action-1')
    expect(agent.lines.filter(({ event }) => /^(time|clock)-/.test(event))).toEqual([])
  })
})

describe('a device with a certificate', () => {
  async function keep(folder: string, { cert, key }: { cert: string; key: string }): Promise<string[]> {
    await writeFile(join(folder, 'device.pem'), cert)
    await writeFile(join(folder, 'device.key'), key, { mode: 0o600 })
    return ['--certificate', join(folder, 'device.pem'), '--certificate-key', join(folder, 'device.key')]
  }

  async function useCertificate(deviceId: string, thumbprint: string): Promise<void> {
    const x509Thumbprint = { primaryThumbprint: thumbprint, secondaryThumbprint: thumbprint }
    await field.service.registry.delete(deviceId)
    await field.service.registry.create({ deviceId, authentication: { type: 'selfSigned', x509Thumbprint } })
  }

  test('is let in by a connection string without a key', async () => {
    const device = await field.newDevice()
    const certificate = await selfSigned(device.deviceId)
    await useCertificate(device.deviceId, certificate.thumbprint)
    const agent = await device.start({
      connectionString: device.connectionString.replace(/SharedAccessKey=[^;]+/, 'x509=true'),
      parameters: await keep(device.stateFolder, certificate),
    })
    await device.call(request('action-1'))
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
    expect(JSON.stringify(agent.lines)).not.toContain('PRIVATE KEY')
  })

  test('is let in by its settings alone, also through a WebSocket', async () => {
    for (const transport of ['mqtt', 'mqtt-websocket']) {
      const device = await field.newDevice()
      const certificate = await selfSigned(device.deviceId)
      await useCertificate(device.deviceId, certificate.thumbprint)
      const place =
        field.target.local === undefined ? [] : ['--gateway', `localhost:${field.target.local.mqttsPort}`]
      const agent = await device.start({
        connectionString: undefined,
        parameters: [
          ...(await keep(device.stateFolder, certificate)),
          ...['--hub', field.service.hostName, '--device-id', device.deviceId, ...place],
          ...['--transport', transport, ...(field.target.local === undefined ? [] : webSocket())],
        ],
      })
      expect(waysOf(agent)).toEqual([transport])
      await agent.stop()
    }
  })

  test('that was renewed while the agent runs uses the new one from its next connection on', async () => {
    const device = await field.newDevice()
    const [old, renewed] = [await selfSigned(device.deviceId), await selfSigned(device.deviceId)]
    await useCertificate(device.deviceId, old.thumbprint)
    const agent = await device.start({
      connectionString: device.connectionString.replace(/SharedAccessKey=[^;]+/, 'x509=true'),
      parameters: await keep(device.stateFolder, old),
    })
    await keep(device.stateFolder, renewed)
    await useCertificate(device.deviceId, renewed.thumbprint)
    await agent.waitFor('connected', 2)
  })

  test('whose key belongs to another one is told so, and nothing is started', async () => {
    const device = await field.newDevice()
    const [one, other] = [await selfSigned('one'), await selfSigned('other')]
    const agent = await device.launch({
      connectionString: device.connectionString.replace(/SharedAccessKey=[^;]+/, 'x509=true'),
      parameters: await keep(device.stateFolder, { cert: one.cert, key: other.key }),
    })
    expect(await agent.ended).toMatchObject({ code: 1 })
    const [line] = agent.lines
    expect(line?.['text']).toContain('device.key is not the key of')
    expect(line?.['text']).not.toContain('BEGIN')
  })
})

test('an authority is trusted as well as the public ones, and one that is not is named', async () => {
  const device = await field.newDevice()
  const file = join(device.stateFolder, 'extra.pem')
  const stranger = await newAuthority('Stranger')
  const { ca } = field.target
  await writeFile(file, ca ?? stranger.cert)
  const agent = await device.start({ ca: undefined, parameters: ['--extra-ca', file] })
  const record = () => readFile(join(device.stateFolder, 'connection.json'), 'utf8').catch(() => '')
  await eventually(record, (text) => text.includes('"mqtt"'))
  await agent.stop()
  if (ca === undefined) return

  await writeFile(file, stranger.cert)
  const again = await device.launch({ ca: undefined, parameters: ['--extra-ca', file] })
  expect((await again.waitFor('disconnected'))['cause']).toMatch(/certificate/)
})
