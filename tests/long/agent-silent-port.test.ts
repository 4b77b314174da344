import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openField, type Field } from '../agent/support/field.ts'
import { localOnly, localTitle } from '../conformance/support/target.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

describe.skipIf(localOnly)(localTitle('a network that swallows MQTT without a word', 'between'), () => {
  test('is left through a WebSocket within half a minute, not after the minute of the SDK', async () => {
    const sockets: Socket[] = []
    const silence = createServer((socket) => sockets.push(socket))
    silence.listen(0, '127.0.0.1')
    await once(silence, 'listening')
    const { port } = silence.address() as AddressInfo
    const device = await field.newDevice()
    const startedAt = performance.now()
    const agent = await device.start({
      connectionString: device.connectionString.replace(/localhost:\d+/, `localhost:${port}`),
      parameters: ['--websocket-gateway', `localhost:${field.target.local?.httpsPort}`],
    })
    expect(performance.now() - startedAt).toBeLessThan(35_000)
    expect((await agent.waitFor('disconnected'))['cause']).toContain('no answer within 20000 ms')
    await agent.stop()
    for (const socket of sockets) socket.destroy()
    silence.close()
  })
})
