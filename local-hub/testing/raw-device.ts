import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { generate, parser } from 'mqtt-packet'
import type { IConnectPacket, Packet } from 'mqtt-packet'
import type { LocalHub } from '../local-hub.ts'

/** A device that speaks MQTT packet by packet, to say what no SDK would say. */
export interface RawDevice {
  readonly socket: TLSSocket
  send(packet: Packet): void
  /** The next packet that the hub sends. */
  next(): Promise<Packet>
  /** Resolves with true when the hub closed with FIN, false when it was torn down. */
  closed(): Promise<boolean>
}

export interface RawTarget extends Pick<LocalHub, 'hostName' | 'mqttsPort' | 'deviceConnectionString'> {
  /** Absent means on this computer. */
  readonly host?: string
  /** `undefined` for public authorities. */
  readonly caCertificate: string | undefined
}

export async function openRawDevice(hub: RawTarget): Promise<RawDevice> {
  const socket = connect({
    host: hub.host ?? '127.0.0.1',
    port: hub.mqttsPort,
    servername: hub.host ?? 'localhost',
    ...(hub.caCertificate !== undefined && { ca: hub.caCertificate }),
  })
  await once(socket, 'secureConnect')
  const packets: Packet[] = []
  const arrivals = new EventEmitter()
  const parse = parser()
  parse.on('packet', (packet: Packet) => {
    packets.push(packet)
    arrivals.emit('packet')
  })
  socket.on('data', (chunk: Buffer) => parse.parse(chunk))
  // A connection that is torn down is an outcome here: `closed` tells it.
  socket.on('error', () => undefined)
  const end = new Promise<boolean>((resolve) => {
    socket.once('close', () => {
      resolve(socket.readableEnded)
    })
  })
  return {
    socket,
    send: (packet) => void socket.write(generate(packet)),
    async next() {
      if (packets.length === 0) await once(arrivals, 'packet')
      return packets.shift() as Packet
    },
    closed: () => end,
  }
}

export interface ConnectOptions extends Partial<IConnectPacket> {
  readonly key?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** A CONNECT as the SDK sends it, with what the test wants to be different. */
export function connectPacket(
  hub: RawTarget,
  deviceId: string,
  options: ConnectOptions = {},
): IConnectPacket {
  const ofDevice = /SharedAccessKey=([^;]*)/.exec(hub.deviceConnectionString(deviceId))?.[1] ?? ''
  const { key = ofDevice, expiresAt = Date.parse('2030-01-01'), ...different } = options
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: deviceId,
    clean: false,
    keepalive: 0,
    username: `${hub.hostName}/${deviceId}/?api-version=2021-04-12`,
    password: Buffer.from(sas(`${hub.hostName}/devices/${deviceId}`, key, expiresAt)),
    ...different,
  }
}

export function sas(resource: string, key: string, expiresAt: number): string {
  const [sr, se] = [encodeURIComponent(resource), Math.floor(expiresAt / 1000)]
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(`${sr}\n${se}`).digest('base64')
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}`
}
