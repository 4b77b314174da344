import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { createLocalHubProcess, minimalEnvironment, type HubChild } from './local-hub-process.ts'

/** A hub's process that answers what it is told to. */
class FakeChild implements HubChild {
  readonly received: unknown[] = []
  readonly #emitter = new EventEmitter()
  readonly #answer: (message: unknown, child: FakeChild) => void
  isKilled = false

  constructor(answer: (message: unknown, child: FakeChild) => void) {
    this.#answer = answer
  }

  postMessage(message: unknown): void {
    this.received.push(message)
    queueMicrotask(() => this.#answer(message, this))
  }

  on(event: string, listener: (value: never) => void): void {
    this.#emitter.on(event, listener as () => void)
  }

  say(message: unknown): void {
    this.#emitter.emit('message', message)
  }

  exit(code: number): void {
    this.#emitter.emit('exit', code)
  }

  kill(): boolean {
    this.isKilled = true
    queueMicrotask(() => this.exit(15))
    return true
  }
}

const access = {
  hostName: 'h.local',
  httpsPort: 1,
  caCertificate: 'PEM',
  connectionString: 'HostName=h.local',
}
const ready = {
  type: 'ready',
  ...access,
  mqttsPort: 2,
  connectionString: 'HostName=h.local;SharedAccessKeyName=iothubowner',
  connectionStrings: { serviceAndRegistryRead: access.connectionString, iothubowner: 'x' },
}

function isType(message: unknown, type: string): boolean {
  return (message as { type: string }).type === type
}

function wellBehaved(message: unknown, child: FakeChild): void {
  if (isType(message, 'start')) child.say(ready)
  else child.exit(0)
}

function setUp(answer = wellBehaved, limits: { startMs?: number; stopMs?: number } = {}) {
  const children: FakeChild[] = []
  const hub = createLocalHubProcess({
    ...limits,
    fork: () => {
      const child = new FakeChild(answer)
      children.push(child)
      return child
    },
  })
  let exits = 0
  hub.onExit(() => exits++)
  return { hub, children, exits: () => exits }
}

describe('starting', () => {
  test('asks for the demo fleet and says how to reach the hub', async () => {
    const { hub, children } = setUp()
    expect(await hub.start()).toEqual(access)
    expect(children[0]?.received).toEqual([{ type: 'start', options: { fleet: { name: 'demo' } } }])
  })

  test.each([
    ['the hub says why', { type: 'failed', message: 'Port in use.' }, 'Port in use.'],
    ['the hub says nonsense', { type: 'ready', httpsPort: 'x' }, 'nobody understands'],
    ['the hub says nothing at all', undefined, 'nobody understands'],
  ])('fails, and ends the process, when %s', async (_name, answer, message) => {
    const { hub, children, exits } = setUp((_message, child) => child.say(answer))
    await expect(hub.start()).rejects.toThrow(message)
    expect(children[0]?.isKilled).toBe(true)
    expect(exits()).toBe(0)
  })

  test('fails when the process ends before it answers', async () => {
    const { hub } = setUp((_message, child) => child.exit(9))
    await expect(hub.start()).rejects.toThrow('ended with code 9')
  })

  test('fails when no answer comes in time', async () => {
    const { hub, children } = setUp(() => undefined, { startMs: 5 })
    await expect(hub.start()).rejects.toThrow('did not answer in time')
    expect(children[0]?.isKilled).toBe(true)
  })

  test('once more ends the hub that ran before', async () => {
    const { hub, children, exits } = setUp()
    await hub.start()
    await hub.start()
    expect(children).toHaveLength(2)
    expect(children[0]?.received.at(-1)).toEqual({ type: 'stop' })
    expect(exits()).toBe(0)
  })
})

describe('the end', () => {
  test('is told when the hub ends by itself', async () => {
    const { hub, children, exits } = setUp()
    await hub.start()
    children[0]?.exit(1)
    await expect.poll(exits).toBe(1)
  })

  test('is not told when the hub was asked to stop', async () => {
    const { hub, children, exits } = setUp()
    await hub.start()
    await hub.stop()
    expect(children[0]?.isKilled).toBe(false)
    expect(exits()).toBe(0)
  })

  test('is forced on a hub that does not stop', async () => {
    const { hub, children, exits } = setUp((_message, child) => child.say(ready), { stopMs: 5 })
    await hub.start()
    await hub.stop()
    expect(children[0]?.isKilled).toBe(true)
    expect(exits()).toBe(0)
  })

  test('needs nothing when no hub was started', async () => {
    const { hub, children } = setUp()
    await hub.stop()
    expect(children).toEqual([])
  })
})

test('the environment of the hub holds no secret of the one that starts it', () => {
  const environment = {
    PATH: '/bin',
    HOME: '/home/a',
    AZURE_CLIENT_SECRET: 'x',
    LIVE_HUB_CONNECTION_STRING: 'y',
    LANG: '',
  }
  expect(minimalEnvironment(environment)).toEqual({ PATH: '/bin', HOME: '/home/a' })
})
