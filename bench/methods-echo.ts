/**
 * The other side of `bench/methods.ts`: what a hub cannot do without - HTTPS in, MQTT out and back - and nothing of
 * what makes it one: no identities, no rights, no limits, no timeouts, no checks. The same devices in the same process.
 */
import { randomBytes } from 'node:crypto'
import { createServer as createHttpsServer } from 'node:https'
import type { ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { generate, parser } from 'mqtt-packet'
import type { Packet } from 'mqtt-packet'
import { listen } from '../local-hub/listen.ts'
import { createHubCertificate } from '../local-hub/security/certificates.ts'
import { connectEchoDevices, tellParent } from './echo-devices.ts'

const hostName = 'echo.example'
const { authority, certificate, privateKey } = await createHubCertificate(hostName)
const identity = { key: privateKey, cert: certificate }
const key = randomBytes(32).toString('base64')
const sockets = new Map<string, TLSSocket>()
const waiting = new Map<string, ServerResponse>()
let lastRequest = 0

const https = createHttpsServer(identity, (request, response) => {
  const deviceId = /^\/twins\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? ''
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { methodName, payload } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
    lastRequest += 1
    const requestId = lastRequest.toString(16)
    waiting.set(requestId, response)
    const topic = `$iothub/methods/POST/${String(methodName)}/?$rid=${requestId}`
    write(sockets.get(deviceId), { ...publish, topic, payload: JSON.stringify(payload) })
  })
})

const mqtt = createTlsServer(identity, (socket) => {
  const packets = parser()
  packets.on('packet', (packet: Packet) => {
    receive(socket, packet)
  })
  socket.on('data', (chunk: Buffer) => packets.parse(chunk))
})

const publish = { cmd: 'publish', qos: 0, dup: false, retain: false } as const

const httpsPort = await listen(https, 0)
const mqttsPort = await listen(mqtt, 0)
await connectEchoDevices(
  (deviceId) =>
    `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key};GatewayHostName=localhost:${mqttsPort}`,
  authority,
)
const connectionString = `HostName=${hostName};SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`
tellParent({ hostName, httpsPort, caCertificate: authority, connectionString })

function receive(socket: TLSSocket, packet: Packet): void {
  switch (packet.cmd) {
    case 'connect':
      sockets.set(packet.clientId, socket)
      return write(socket, { cmd: 'connack', returnCode: 0, sessionPresent: false })
    case 'subscribe':
      return write(socket, { cmd: 'suback', messageId: packet.messageId ?? 0, granted: [0] })
    case 'publish':
      return answer(packet.topic, packet.payload.toString())
    default:
  }
}

function answer(topic: string, payload: string): void {
  const [, status = '', requestId = ''] = /^\$iothub\/methods\/res\/(\d+)\/\?\$rid=(.+)$/.exec(topic) ?? []
  const response = waiting.get(requestId)
  waiting.delete(requestId)
  response?.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
  response?.end(`{"status":${status},"payload":${payload}}`)
}

function write(socket: TLSSocket | undefined, packet: Packet): void {
  socket?.write(generate(packet))
}
