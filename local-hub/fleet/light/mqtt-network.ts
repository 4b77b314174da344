import { createSecureContext } from 'node:tls'
import { parseConnectionString } from '../parse-connection-string.ts'
import type { Line, LightIdentity, LineListener, Network } from './line.ts'
import { MqttFrames } from './mqtt-frames.ts'
import { MqttLine } from './mqtt-line.ts'
import type { SharedParts } from './mqtt-line.ts'

/** More at once would only make each handshake take longer, and the first ones time out. */
const mostHandshakes = 64

const dayMs = 24 * 60 * 60 * 1000

/** The light devices of one hub. */
export class MqttNetwork implements Network {
  readonly #shared: SharedParts
  readonly #waiting: (() => void)[] = []
  #handshakes = 0

  /** `connectionString` of any device of the hub; `caCertificate` in PEM. */
  constructor(connectionString: string, caCertificate: string) {
    const { hostName, port } = parseConnectionString(connectionString)
    this.#shared = {
      ...{ hostName, port, frames: new MqttFrames() },
      // IoT Hub's devices speak 1.2 too, and a connection of 1.3 takes half as much memory again.
      secureContext: createSecureContext({ ca: caCertificate, maxVersion: 'TLSv1.2' }),
      session: undefined,
      tokensEndAt: Date.now() + 365 * dayMs,
    }
  }

  connect(identity: LightIdentity, listener: LineListener): Line {
    const line = new WaitingLine()
    let isShaking = false
    const leave = () => {
      if (!isShaking) return
      isShaking = false
      this.#handshakes -= 1
      this.#next()
    }
    const heard = listening(listener, leave)
    this.#waiting.push(() => {
      if (line.isEnded) return listener.onEnd()
      isShaking = true
      this.#handshakes += 1
      line.open(new MqttLine(identity, this.#shared, heard))
    })
    this.#next()
    return line
  }

  #next(): void {
    while (this.#handshakes < mostHandshakes) {
      const open = this.#waiting.shift()
      if (!open) return
      open()
    }
  }
}

/** The same listener, which also lets the next device in. */
function listening(listener: LineListener, leave: () => void): LineListener {
  return {
    onReady() {
      leave()
      listener.onReady()
    },
    onEnd() {
      leave()
      listener.onEnd()
    },
    onMethod: (call) => {
      listener.onMethod(call)
    },
    onTwin: (twin) => {
      listener.onTwin(twin)
    },
    onDesired: (patch) => {
      listener.onDesired(patch)
    },
    onReported: (requestId, status) => {
      listener.onReported(requestId, status)
    },
  }
}

/** A line that may have to wait for its turn; before that there is nothing to be said on it. */
class WaitingLine implements Line {
  isEnded = false
  #line: Line | undefined

  open(line: Line): void {
    this.#line = line
  }

  answer(requestId: string, status: number, payload: string): void {
    this.#line?.answer(requestId, status, payload)
  }

  report(requestId: string, patch: string): void {
    this.#line?.report(requestId, patch)
  }

  askTwin(requestId: string): void {
    this.#line?.askTwin(requestId)
  }

  end(): void {
    this.isEnded = true
    this.#line?.end()
  }
}
