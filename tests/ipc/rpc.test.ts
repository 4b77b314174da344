import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { connect } from '../../contract/rpc/connect.ts'
import { call, watch, type Client, type Contract, type Handlers } from '../../contract/rpc/contract.ts'
import type { Port } from '../../contract/rpc/port.ts'
import { serve } from '../../contract/rpc/serve.ts'

const api = {
  t: {
    echo: call(z.object({ text: z.string() }), z.string()),
    fail: call(z.object({ isBug: z.boolean() }), z.void()),
    slow: call(z.object({}), z.void()),
    wrong: call(z.object({}), z.number()),
    nothing: call(z.void(), z.void()),
    count: watch(z.object({ to: z.number() }), z.number()),
    forever: watch(z.object({}), z.number()),
  },
}

/** Counts what was abandoned, and lets a test wait for it. */
class Abandoned {
  count = 0
  #wake = (): void => {}

  async until(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    this.count += 1
    this.#wake()
  }

  async reached(count: number): Promise<void> {
    while (this.count < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

let abandoned: Abandoned
let bugs: unknown[]
let link: { client: Port; host: Port; hostSide: MessagePort; close: () => void }
let client: Client<typeof api>

const handlers: Handlers<typeof api> = {
  t: {
    echo: ({ text }) => Promise.resolve(text),
    fail: ({ isBug }) =>
      Promise.reject(
        isBug
          ? new Error('SharedAccessKey=secret')
          : new AppError('throttled', 'Slow down.', { retryAfterMs: 5, nextStep: 'Wait.', field: 'x' }),
      ),
    async slow(_, signal) {
      await abandoned.until(signal)
      throw new AppError('cancelled', 'Cancelled.')
    },
    wrong: () => Promise.resolve('a string' as unknown as number),
    nothing: () => Promise.resolve(),
    async *count({ to }) {
      for (let i = 1; i <= to; i += 1) yield await Promise.resolve(i)
    },
    async *forever(_, signal) {
      yield 1
      await abandoned.until(signal)
    },
  },
}

function fromMessagePort(port: MessagePort): Port {
  return {
    send(message) {
      port.postMessage(message)
    },
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.on('close', listener),
  }
}

const serveApi = serve(api, handlers, { onBug: (error) => void bugs.push(error), watchIntervalMs: 1 })

beforeEach(() => {
  abandoned = new Abandoned()
  bugs = []
  const { port1, port2 } = new MessageChannel()
  link = {
    client: fromMessagePort(port1),
    host: fromMessagePort(port2),
    hostSide: port2,
    close: () => port1.close(),
  }
  serveApi(link.host)
  client = connect(api, link.client)
})

afterEach(() => {
  link.close()
})

describe('a call', () => {
  test('answers', async () => {
    expect(await client.t.echo({ text: 'hi' })).toBe('hi')
  })

  test('may take and answer nothing', async () => {
    await expect(client.t.nothing()).resolves.toBeUndefined()
  })

  test('with invalid input is refused by the host, whatever the caller was compiled against', async () => {
    await expect(client.t.echo({ text: 1 } as never)).rejects.toMatchObject({
      code: 'invalid-input',
      field: 'text',
    })
  })

  test('that fails as expected keeps code, words and data', async () => {
    await expect(client.t.fail({ isBug: false })).rejects.toMatchObject({
      code: 'throttled',
      message: 'Slow down.',
      retryAfterMs: 5,
      nextStep: 'Wait.',
      field: 'x',
    })
  })

  test('that meets a bug gives its text to the log, not to the window', async () => {
    const error: unknown = await client.t.fail({ isBug: true }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'internal' })
    expect(JSON.stringify(error) + (error as Error).message).not.toContain('secret')
    expect(bugs).toHaveLength(1)
  })

  test('whose output is not what the contract says is a bug, and nothing of it leaves', async () => {
    await expect(client.t.wrong({})).rejects.toMatchObject({ code: 'internal' })
    expect(bugs).toHaveLength(1)
  })

  test('can be cancelled', async () => {
    const leaving = new AbortController()
    const pending = client.t.slow({}, leaving.signal)
    leaving.abort()
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('is not even sent when it was cancelled before', async () => {
    await expect(client.t.echo({ text: 'x' }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})

describe('a watch', () => {
  test('yields its values and then ends', async () => {
    const seen: number[] = []
    for await (const value of client.t.count({ to: 3 })) seen.push(value)
    expect(seen).toEqual([1, 2, 3])
  })

  test('that is left stops the host', async () => {
    for await (const value of client.t.forever({})) {
      expect(value).toBe(1)
      break
    }
    await abandoned.reached(1)
  })

  test('keeps to its interval, however fast the values come', async () => {
    const { port1, port2 } = new MessageChannel()
    serve(api, handlers, { onBug: (error) => void bugs.push(error), watchIntervalMs: 40 })(
      fromMessagePort(port2),
    )
    const started = performance.now()
    for await (const value of connect(api, fromMessagePort(port1)).t.count({ to: 4 }))
      expect(value).toBeGreaterThan(0)
    expect(performance.now() - started).toBeGreaterThanOrEqual(100)
    port1.close()
  })
})

describe('a port that closes', () => {
  test('rejects what is pending, and stops the host', async () => {
    const pending = client.t.slow({})
    const values = client.t.forever({})[Symbol.asyncIterator]()
    await values.next()
    link.close()
    await expect(pending).rejects.toMatchObject({ code: 'unreachable' })
    await abandoned.reached(2)
  })

  test('refuses what comes after', async () => {
    link.close()
    await expect(client.t.slow({})).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('a hostile window', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'finds nothing under the name %s',
    async (name) => {
      const hostile = {
        t: { [name]: call(z.object({}), z.unknown()) },
        [name]: { x: call(z.object({}), z.unknown()) },
      } satisfies Contract
      const { port1, port2 } = new MessageChannel()
      serveApi(fromMessagePort(port2))
      const evil = connect(hostile, fromMessagePort(port1)) as Record<
        string,
        Record<string, (input: object) => Promise<unknown>>
      >
      if (Object.hasOwn(evil['t'] ?? {}, name))
        await expect(evil['t']?.[name]?.({})).rejects.toMatchObject({ code: 'not-found' })
      if (Object.hasOwn(evil, name))
        await expect(evil[name]?.['x']?.({})).rejects.toMatchObject({ code: 'not-found' })
      port1.close()
    },
  )

  test.each([
    null,
    1,
    'x',
    [],
    {},
    { kind: 'open' },
    { kind: 'open', id: -1, group: 't', name: 'echo' },
    { kind: 'cancel', id: 'x' },
    { kind: 'open', id: 1, group: 'x'.repeat(100), name: '' },
  ])('sends %j, and the host goes on', async (message) => {
    link.client.send(message)
    expect(await client.t.echo({ text: 'still here' })).toBe('still here')
    expect(bugs).toHaveLength(1)
  })

  test('cannot open the same id twice', async () => {
    link.client.send({ kind: 'open', id: 99, group: 't', name: 'forever', input: {} })
    link.client.send({ kind: 'open', id: 99, group: 't', name: 'forever', input: {} })
    await client.t.nothing()
    expect(bugs).toHaveLength(1)
  })
})
