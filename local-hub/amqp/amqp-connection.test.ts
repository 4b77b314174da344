import { once } from 'node:events'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LocalHub } from '../local-hub.ts'
import { FakeClock } from '../testing/fake-clock.ts'

let clock: FakeClock
let hub: LocalHub

beforeEach(async () => {
  clock = new FakeClock()
  hub = await LocalHub.start({ clock })
})

afterEach(() => hub.stop())

async function open(): Promise<{ socket: TLSSocket; closed: Promise<unknown> }> {
  const socket = connect({ port: hub.amqpsPort, servername: 'localhost', ca: hub.caCertificate })
  socket.resume()
  const closed = once(socket, 'close')
  await once(socket, 'secureConnect')
  return { socket, closed }
}

test('a client that does not say who it is is hung up on', async () => {
  const { socket, closed } = await open()
  // The hub knows of the client when its own side of the handshake is done.
  await expect.poll(() => clock.timerCount).toBe(1)
  clock.advance(19_999)
  expect(socket.closed).toBe(false)
  clock.advance(1)
  await closed
  expect([socket.readableEnded, clock.timerCount]).toEqual([true, 0])
})

test('bytes that are no AMQP end the connection with FIN, and leave no timer', async () => {
  const { socket, closed } = await open()
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await closed
  expect(socket.readableEnded).toBe(true)
  await expect.poll(() => clock.timerCount).toBe(0)
})

test('a hub that stops hangs up on its clients', async () => {
  const { socket, closed } = await open()
  await hub.stop()
  await closed
  expect(socket.closed).toBe(true)
})
