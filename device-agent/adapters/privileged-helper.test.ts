import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askHelper } from './privileged-helper.ts'

let folder = ''
const endings: (() => void)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-helper-'))
})
afterEach(async () => {
  for (const end of endings.splice(0)) end()
  await rm(folder, { recursive: true })
})

async function helper(answer: (socket: Socket, verb: string) => void): Promise<string> {
  const path = join(folder, 'helper.sock')
  const server = createServer((socket) => {
    socket.once('data', (data) => {
      answer(socket, data.toString())
    })
  }).listen(path)
  await once(server, 'listening')
  endings.push(() => server.close())
  return path
}

test('one word is sent, and ok means that it is done', async () => {
  const words: string[] = []
  const path = await helper((socket, verb) => {
    words.push(verb)
    socket.end('ok\n')
  })
  await askHelper(path, 'reboot')
  expect(words).toEqual(['reboot\n'])
})

test('any other answer is why it is not done', async () => {
  const path = await helper((socket) => socket.end('Failed to connect to bus\n'))
  await expect(askHelper(path, 'reboot')).rejects.toThrow('Failed to connect to bus')
})

test('a helper that says nothing did nothing that one could rely on', async () => {
  const path = await helper((socket) => socket.end())
  await expect(askHelper(path, 'reboot')).rejects.toThrow('it hung up')
})

test('a helper that talks without end does not fill the memory', async () => {
  const path = await helper((socket) => socket.end('x'.repeat(1_000_000)))
  const error: unknown = await askHelper(path, 'reboot').catch((reason: unknown) => reason)
  expect((error as Error).message).toHaveLength(1_000)
})

test('a helper that is not there is named', async () => {
  await expect(askHelper(join(folder, 'absent.sock'), 'reboot')).rejects.toThrow('absent.sock')
})
