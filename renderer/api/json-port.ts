import type { TextPort } from '../../contract/app/bridge.ts'
import type { Port } from '../../contract/rpc/port.ts'

/** The bridge carries text; the contract speaks in values. */
export function jsonPort(port: TextPort): Port {
  return {
    send: (message) => port.send(JSON.stringify(message)),
    onMessage: (listener) => port.onMessage((text) => listener(JSON.parse(text))),
    onClose: (listener) => port.onClose(listener),
  }
}
