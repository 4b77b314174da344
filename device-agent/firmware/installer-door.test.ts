import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModuleCall, ModuleResult, ModuleVerb } from '../ports/update-module.ts'
import { installerDoor, serveDoor } from './installer-door.ts'

let folder = ''
let sleeps: number[] = []
const closings: (() => void)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-door-'))
  sleeps = []
})
afterEach(async () => {
  for (const close of closings.splice(0)) close()
  await rm(folder, { recursive: true })
})

const never = new AbortController().signal
const done: ModuleResult = { kind: 'done', version: '2.0', needsReboot: true }

/** A door behind which each caller in turn meets the next of these. */
async function door(...behind: ((socket: Socket) => unknown)[]): Promise<string> {
  const socketPath = join(folder, 'door.sock')
  let callers = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    behind[Math.min(callers, behind.length - 1)]?.(socket)
    callers += 1
  }).listen(socketPath)
  await once(server, 'listening')
  closings.push(() => server.close())
  return socketPath
}

function ask(socketPath: string, change: Partial<ModuleCall> = {}, signal = never): Promise<ModuleResult> {
  let uptime = 0
  const clock = {
    uptime: () => uptime,
    sleep: (ms: number) => {
      sleeps.push(ms)
      uptime += ms
      return Promise.resolve()
    },
  }
  const content = { path: '/none', version: '2.0', sha256: '', size: 0 }
  const identity = { module: 'file', actionId: 'a1', bootId: 'b1', isSigned: true, package: content }
  const call: ModuleCall = { ...identity, verb: 'install', ...change }
  return installerDoor({ socketPath, clock, log: () => undefined, timeoutMs: 3_000 })(call, signal)
}

const serving =
  (perform: (verb: ModuleVerb, onProgress: (percent: number) => void) => Promise<ModuleResult>) =>
  (socket: Socket) =>
    serveDoor({ input: socket, output: socket }, perform)

describe('who asks', () => {
  test('has the word, and nothing else, carried to root, and hears of its progress and its result', async () => {
    const words: string[] = []
    const progress: number[] = []
    const socketPath = await door(
      serving((verb, onProgress) => {
        words.push(verb)
        for (const percent of [10, 80.5]) onProgress(percent)
        return Promise.resolve(done)
      }),
    )
    expect(await ask(socketPath, { onProgress: (percent) => progress.push(percent) })).toEqual(done)
    expect([words, progress]).toEqual([['install'], [10, 80.5]])
  })

  test('hears why it was refused', async () => {
    const refused: ModuleResult = { kind: 'unavailable', reason: 'rollback: "too old"\nfor this device' }
    expect(await ask(await door(serving(() => Promise.resolve(refused))))).toEqual(refused)
  })

  test('comes again while another is served, until there is time for it', async () => {
    const hangUp = (socket: Socket) => socket.destroy()
    const socketPath = await door(
      hangUp,
      hangUp,
      serving(() => Promise.resolve(done)),
    )
    expect(await ask(socketPath)).toEqual(done)
    expect(sleeps).toEqual([1_000, 1_000])
  })

  test('does not come again for ever', async () => {
    const result = await ask(await door((socket) => socket.destroy()))
    expect(result.kind).toBe('failed')
    expect(sleeps).toHaveLength(3)
  })

  test('is not told that it is done by an installer that is killed in the middle', async () => {
    const dies = (socket: Socket) =>
      socket.once('data', () => socket.write('begun\nprogress 50\n', () => socket.destroy()))
    expect(await ask(await door(dies))).toEqual({ kind: 'failed', reason: 'the installer hung up' })
    expect(sleeps).toEqual([])
  })

  test.each(['nonsense', '{"kind":"done"}', '{"kind":"perfect"}', 'ok'])(
    'takes no other words for a result: %s',
    async (words) => {
      const result = await ask(await door((socket) => socket.end(`begun\n${words}\n`)))
      expect(result).toEqual({ kind: 'failed', reason: `the installer said ${words}` })
    },
  )

  test('hears at once that there is no installer', async () => {
    const result = await ask(join(folder, 'absent.sock'))
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringContaining('absent.sock') as string })
    expect(sleeps).toEqual([])
  })

  test('stops listening when the agent ends', async () => {
    const end = new AbortController()
    const asked = ask(
      await door((socket) =>
        socket.write('begun\n', () => {
          end.abort()
        }),
      ),
      {},
      end.signal,
    )
    await expect(asked).rejects.toThrow('aborted')
  })
})

describe('who serves', () => {
  async function hear(text: string): Promise<{ said: string; verbs: ModuleVerb[] }> {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const verbs: ModuleVerb[] = []
    input.end(text)
    const served = serveDoor({ input, output }, (verb) => {
      verbs.push(verb)
      return Promise.resolve(done)
    })
    const said: unknown[] = await output.toArray()
    await served
    return { said: said.join(''), verbs }
  }

  test.each([
    'reboot\n',
    'install /x\n',
    'install',
    'commit\ncommit',
    '\n',
    '',
    'x'.repeat(100_000),
    'Install\n',
  ])('knows nothing of %j', async (text) => {
    const { said, verbs } = await hear(text.startsWith('commit') ? 'commit x\n' : text)
    expect(said).toBe('unknown verb\n')
    expect(verbs).toEqual([])
  })

  test('does what the first line says, and only that', async () => {
    expect((await hear('rollback\ninstall\n')).verbs).toEqual(['rollback'])
  })

  test('goes on to the end when the one who has asked is gone', async () => {
    const finished = Promise.withResolvers<string>()
    const socketPath = await door(
      serving(async (_verb, onProgress) => {
        for (let percent = 0; percent < 100; percent += 1) {
          onProgress(percent)
          await new Promise((resolve) => setImmediate(resolve))
        }
        finished.resolve('to the end')
        return done
      }),
    )
    const gone = new AbortController()
    await ask(
      socketPath,
      {
        onProgress: () => {
          gone.abort()
        },
      },
      gone.signal,
    ).catch(() => undefined)
    expect(await finished.promise).toBe('to the end')
  })
})
