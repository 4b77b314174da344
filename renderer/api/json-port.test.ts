import { expect, test } from 'vitest'
import type { TextPort } from '../../contract/app/bridge.ts'
import { jsonPort } from './json-port.ts'

/** The bridge's end, as the preload script gives it. */
class FakeBridge implements TextPort {
  readonly sent: string[] = []
  say: (text: string) => void = () => undefined
  close: () => void = () => undefined

  send(text: string): void {
    this.sent.push(text)
  }

  onMessage(listener: (text: string) => void): void {
    this.say = listener
  }

  onClose(listener: () => void): void {
    this.close = listener
  }
}

test('values cross the bridge as text, in both directions', () => {
  const bridge = new FakeBridge()
  const port = jsonPort(bridge)
  const received: unknown[] = []
  port.onMessage((message) => received.push(message))
  port.send({ kind: 'open', input: { deviceIds: ['<b>', 'ü'] } })
  bridge.say('{"kind":"end","id":1}')
  expect(bridge.sent).toEqual(['{"kind":"open","input":{"deviceIds":["<b>","ü"]}}'])
  expect(received).toEqual([{ kind: 'end', id: 1 }])
})

test('the end of the bridge is the end of the port', () => {
  const bridge = new FakeBridge()
  let isClosed = false
  jsonPort(bridge).onClose(() => {
    isClosed = true
  })
  bridge.close()
  expect(isClosed).toBe(true)
})
