import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer, type TLSSocket } from 'node:tls'
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { createHubCertificate } from '../../../local-hub/security/certificates.ts'

/** What a registration gets, or why it gets nothing. */
export type Verdict =
  | { readonly hub: string; readonly deviceId: string }
  | { readonly refusal: string; readonly status: number }
  | { readonly nonsense: string }

export interface Registration {
  readonly idScope: string
  readonly registrationId: string
  /** The common name of the certificate; undefined where the key proved who it is. */
  readonly commonName: string | undefined
}

export interface ProvisioningService {
  readonly host: string
  /** Where it speaks MQTT in a WebSocket. */
  readonly webSocketPort: number
  readonly ca: string
  /** Each that was asked for, in order. */
  readonly registrations: readonly Registration[]
  /** What the next ones get. */
  verdict: Verdict
  close(): Promise<void>
}

export interface ServiceOptions {
  /** Base64, of the one enrolment by key. */
  readonly key?: string
  /** PEM of the authority whose certificates are enrolled. */
  readonly deviceAuthority?: string
}

/**
 * Azure's Device Provisioning Service as far as a device sees it over MQTT: register, poll once, and be told the hub.
 * See https://learn.microsoft.com/azure/iot-dps/iot-dps-mqtt-support
 */
export async function startProvisioningService(options: ServiceOptions): Promise<ProvisioningService> {
  const { authority, certificate, privateKey } = await createHubCertificate('dps.test')
  const registrations: Registration[] = []
  const sockets = new Set<Socket>()
  const ca = options.deviceAuthority === undefined ? {} : { ca: options.deviceAuthority }
  const tls = { cert: certificate, key: privateKey, requestCert: true, rejectUnauthorized: false, ...ca }
  const desk: Desk = { options, registrations, verdict: () => service.verdict }
  const mqtt = createServer(tls, (socket) => {
    serve(socket, socket, desk)
  })
  const https = createHttpsServer(tls)
  serveWebSockets(https, desk)
  for (const server of [mqtt, https]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const service: ProvisioningService = {
    host: `localhost:${portOf(mqtt)}`,
    webSocketPort: portOf(https),
    ca: authority,
    registrations,
    verdict: { refusal: 'nothing is enrolled', status: 401 },
    async close() {
      const closed = [mqtt, https].map((server) => once(server.close(), 'close'))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
  return service
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function serveWebSockets(https: Server, desk: Desk): void {
  const upgrades = new WebSocketServer({ noServer: true })
  https.on('upgrade', (request: IncomingMessage, socket: TLSSocket, head: Buffer) => {
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket)
      stream.on('error', () => stream.destroy())
      serve(stream, socket, desk)
    })
  })
}

interface Desk {
  readonly options: ServiceOptions
  readonly registrations: Registration[]
  readonly verdict: () => Verdict
}

/** One device at the desk. */
interface Caller extends Desk {
  readonly stream: Duplex
  readonly socket: TLSSocket
  who: Registration | undefined
}

function serve(stream: Duplex, socket: TLSSocket, desk: Desk): void {
  const caller: Caller = { ...desk, stream, socket, who: undefined }
  const packets = parser()
  packets.on('packet', (packet) => {
    if (packet.cmd === 'connect') greet(packet, caller)
    else if (packet.cmd === 'publish') {
      send(caller, { cmd: 'puback', messageId: packet.messageId ?? 0 })
      answer(packet.topic, caller)
    } else if (packet.cmd === 'subscribe' || packet.cmd === 'unsubscribe') {
      const cmd = packet.cmd === 'subscribe' ? 'suback' : 'unsuback'
      send(caller, { cmd, messageId: packet.messageId ?? 0, granted: [1] })
    }
  })
  stream.on('data', (bytes: Buffer) => packets.parse(bytes))
}

function send({ stream }: Caller, packet: Packet): void {
  stream.write(generate(packet))
}

function greet(packet: IConnectPacket, caller: Caller): void {
  caller.who = identify(packet, caller)
  const isKnown = caller.who !== undefined
  send(caller, { cmd: 'connack', returnCode: isKnown ? 0 : 5, sessionPresent: false })
  if (!isKnown) caller.stream.end()
}

/** Undefined when nobody like that is enrolled. */
function identify({ username = '', password }: IConnectPacket, caller: Caller): Registration | undefined {
  const [, idScope = '', registrationId = ''] =
    /^([^/]+)\/registrations\/([^/]+)\/api-version=2019-03-31/.exec(username) ?? []
  const names = caller.socket.authorized ? [caller.socket.getPeerCertificate().subject.CN].flat() : []
  const registration = { idScope, registrationId, commonName: names[0] }
  if (registration.commonName === registrationId) return registration
  const resource = `${idScope}/registrations/${registrationId}`
  return isToken(password?.toString() ?? '', resource, caller.options.key) ? registration : undefined
}

function isToken(token: string, resource: string, key: string | undefined): boolean {
  const fields = new URLSearchParams(token.replace(/^SharedAccessSignature /, ''))
  const [expiry, signature] = [fields.get('se') ?? '0', fields.get('sig') ?? '']
  const isOfNow = Math.abs(Number(expiry) - Date.now() / 1000 - 3_600) < 300
  if (key === undefined || fields.get('sr') !== resource || !isOfNow) return false
  const signed = `${encodeURIComponent(resource)}\n${expiry}`
  const wanted = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest()
  const given = Buffer.from(signature, 'base64')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function answer(topic: string, caller: Caller): void {
  const { who, registrations, verdict } = caller
  if (who === undefined) return
  const isPoll = topic.includes('/GET/iotdps-get-operationstatus/')
  if (!isPoll) registrations.push(who)
  const { status, body, more = '' } = answerOf(verdict(), isPoll)
  const rid = /\$rid=([^&]+)/.exec(topic)?.[1] ?? ''
  send(caller, {
    ...{ cmd: 'publish', qos: 0, dup: false, retain: false },
    topic: `$dps/registrations/res/${status}/?$rid=${rid}${more}`,
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly more?: string
}

function answerOf(verdict: Verdict, isPoll: boolean): Answer {
  if ('nonsense' in verdict) return { status: 200, body: verdict.nonsense }
  if ('refusal' in verdict) {
    const { status, refusal: message } = verdict
    return { status, body: { errorCode: status * 1000 + 2, message } }
  }
  if (!isPoll)
    return { status: 202, body: { operationId: 'op-1', status: 'assigning' }, more: '&retry-after=1' }
  const { hub: assignedHub, deviceId } = verdict
  const registrationState = { assignedHub, deviceId, status: 'assigned' }
  return { status: 200, body: { operationId: 'op-1', status: 'assigned', registrationState } }
}
