import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Port } from '../contract/rpc/port.ts'
import { channels } from './channels.ts'
import { RpcPorts, type Frame, type Incoming, type Page } from './rpc-port.ts'

class FakePage implements Page {
  readonly id: number
  readonly sent: unknown[][] = []
  readonly #listeners = new Map<
    string,
    ((details: { isMainFrame: boolean; isSameDocument: boolean }) => void)[]
  >()
  mainFrame: Frame = {
    url: 'app://drover/index.html',
    origin: 'app://drover',
    parent: null,
    frameTreeNodeId: 1,
  }
  isGone = false

  constructor(id: number) {
    this.id = id
  }

  isDestroyed(): boolean {
    return this.isGone
  }

  send(...args: unknown[]): void {
    if (this.isGone) throw new TypeError('Object has been destroyed')
    this.sent.push(args)
  }

  on(event: string, listener: (details: { isMainFrame: boolean; isSameDocument: boolean }) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
  }

  emit(event: string, details = { isMainFrame: true, isSameDocument: false }): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(details)
  }
}

interface ServedPort {
  readonly port: Port
  readonly messages: unknown[]
  closedTimes: number
}

/** The main process's side, with one trusted page. */
function setUp() {
  const listeners = new Map<string, (event: Incoming, ...args: unknown[]) => void>()
  const served: ServedPort[] = []
  const refused: string[] = []
  const ports = new RpcPorts({
    ipc: { on: (channel, listener) => listeners.set(channel, listener) },
    onPort(port) {
      const entry: ServedPort = { port, messages: [], closedTimes: 0 }
      port.onMessage((message) => entry.messages.push(message))
      port.onClose(() => entry.closedTimes++)
      served.push(entry)
    },
    onRefused: (reason) => refused.push(reason),
  })
  const page = new FakePage(7)
  ports.trust(page)

  function arrive(channel: string, event: Partial<Incoming>, ...args: unknown[]): void {
    listeners.get(channel)?.({ sender: page, senderFrame: page.mainFrame, ...event }, ...args)
  }
  const open = (portId: unknown = randomUUID()): unknown => {
    arrive(channels.open, {}, portId)
    return portId
  }
  const send = (portId: unknown, text: unknown): void => arrive(channels.send, {}, portId, text)
  return { ports, page, served, refused, arrive, open, send }
}

describe('a trusted page', () => {
  test('gets a port, and JSON travels both ways on it', () => {
    const { page, served, refused, open, send } = setUp()
    const portId = open()
    send(portId, '{"kind":"open","id":1}')
    served[0]?.port.send({ kind: 'end', id: 1 })
    expect(served[0]?.messages).toEqual([{ kind: 'open', id: 1 }])
    expect(page.sent).toEqual([[channels.receive, portId, '{"kind":"end","id":1}']])
    expect(refused).toEqual([])
  })

  test('has its earlier port closed when it opens another, and is told so', () => {
    const { page, served, open, send } = setUp()
    const first = open()
    const second = open()
    send(first, '"late"')
    send(second, '"now"')
    expect(served.map(({ closedTimes }) => closedTimes)).toEqual([1, 0])
    expect(served.map(({ messages }) => messages)).toEqual([[], ['now']])
    expect(page.sent).toEqual([[channels.closed, first]])
  })

  test('gets nothing more on a port that is closed', () => {
    const { page, served, open } = setUp()
    open()
    open()
    page.sent.length = 0
    served[0]?.port.send('late')
    expect(page.sent).toEqual([])
  })
})

describe('a port is closed', () => {
  test.each(['did-start-navigation', 'render-process-gone', 'destroyed'])('once, on %s', (event) => {
    const { page, served, open } = setUp()
    open()
    page.isGone = event === 'destroyed'
    page.emit(event)
    page.emit(event)
    expect(served[0]?.closedTimes).toBe(1)
  })

  test('not by a navigation inside the document, nor by one of a frame', () => {
    const { page, served, open } = setUp()
    open()
    page.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
    page.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false })
    expect(served[0]?.closedTimes).toBe(0)
  })

  test('without an error when an answer comes after the page is gone', () => {
    const { page, served, open } = setUp()
    open()
    page.isGone = true
    expect(() => served[0]?.port.send('late')).not.toThrow()
  })
})

const ours: Frame = {
  url: 'app://drover/index.html',
  origin: 'app://drover',
  parent: null,
  frameTreeNodeId: 1,
}

describe('a hostile sender is refused', () => {
  const strangers: [string, Partial<Incoming>, string][] = [
    ['another page', { sender: new FakePage(8) }, 'unknown page'],
    ['a frame that is gone', { senderFrame: null }, 'frame is gone'],
    [
      'a frame inside the page',
      { senderFrame: { ...ours, parent: ours, frameTreeNodeId: 2 } },
      'not the main frame',
    ],
    ['another main frame', { senderFrame: { ...ours, frameTreeNodeId: 2 } }, 'not the main frame'],
    ['about:blank with our origin', { senderFrame: { ...ours, url: 'about:blank' } }, 'foreign origin'],
    ['an empty URL', { senderFrame: { ...ours, url: '' } }, 'foreign origin'],
    ['a file', { senderFrame: { ...ours, url: 'file:///index.html', origin: 'file://' } }, 'foreign origin'],
    ['an opaque origin', { senderFrame: { ...ours, origin: 'null' } }, 'foreign origin'],
    [
      'a host that begins as ours',
      { senderFrame: { ...ours, url: 'app://drover.evil.example/', origin: 'app://drover.evil.example' } },
      'foreign origin',
    ],
    [
      'a data URL',
      { senderFrame: { ...ours, url: 'data:text/html,app://drover/', origin: 'null' } },
      'foreign origin',
    ],
  ]

  test.each(strangers)('%s', (_name, event, reason) => {
    const { served, refused, arrive, open } = setUp()
    const portId = open()
    arrive(channels.open, event, randomUUID())
    arrive(channels.send, event, portId, '"stolen"')
    expect(refused).toEqual([reason, reason])
    expect(served).toHaveLength(1)
    expect(served[0]).toMatchObject({ messages: [], closedTimes: 0 })
  })

  test('a page that is destroyed', () => {
    const { page, served, refused, open } = setUp()
    page.isGone = true
    open()
    expect(refused).toEqual(['destroyed page'])
    expect(served).toEqual([])
  })

  test('a page with the id of one that is gone', () => {
    const { page, refused, open } = setUp()
    page.emit('destroyed')
    open()
    expect(refused).toEqual(['unknown page'])
  })
})

describe('a malformed message', () => {
  test.each([
    undefined,
    null,
    7,
    '',
    'short',
    '../../../../../../../../../../../../../',
    {},
    ['x'],
    'x'.repeat(36),
  ])('with the port id %j opens nothing', (portId) => {
    const { served, refused, arrive } = setUp()
    arrive(channels.open, {}, portId)
    expect(served).toEqual([])
    expect(refused).toEqual(['malformed port id'])
  })

  test.each([undefined, null, 7, {}, [], '{', 'undefined', "{'a':1}", 'x'.repeat(33 * 1024 * 1024)])(
    'closes the port it came on (%#)',
    (text) => {
      const { served, refused, open, send } = setUp()
      send(open(), text)
      expect(refused).toEqual(['malformed message'])
      expect(served[0]).toMatchObject({ messages: [], closedTimes: 1 })
    },
  )

  test('for a port that never was is dropped', () => {
    const { served, refused, send } = setUp()
    send(randomUUID(), '"lost"')
    send(undefined, '"lost"')
    expect(served).toEqual([])
    expect(refused).toEqual([])
  })

  test('cannot reach the prototype of what it is parsed into', () => {
    const { served, open, send } = setUp()
    send(open(), '{"__proto__":{"polluted":true}}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(served[0]?.messages[0])).toBe(Object.prototype)
  })
})
