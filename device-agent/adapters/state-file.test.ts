import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyState, finish, type AgentState, type RunningAction } from '../domain/agent-state.ts'
import { stateFile } from './state-file.ts'

let folder = ''
let logged: string[] = []
const log = (event: string) => void logged.push(event)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-state-'))
  logged = []
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const running: RunningAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '', request: {}, bootIdBefore: 'boot-1' },
  ...{ acceptedAt: 0, acceptedUptime: 0, delayMs: 0, startedAt: 1, step: { state: 'rebooting' } },
}

function stateNumber(index: number): AgentState {
  const action = { ...running, actionId: `action-${index}` }
  return finish(emptyState, action, { status: 'completed', now: index, bootId: 'boot-2' })
}

/** Writes this many states in turn; returns the path of the newest copy. */
async function write(count: number): Promise<string> {
  const store = stateFile(folder, log)
  await store.load()
  for (let index = 1; index <= count; index += 1) await store.save(stateNumber(index))
  return join(folder, `agent-state.${count % 2}`)
}

const load = () => stateFile(folder, log).load()

test('a device that never ran has an empty record', async () => {
  expect(await load()).toEqual(emptyState)
  expect(logged).toEqual([])
})

test('what was saved last is what is loaded', async () => {
  for (const count of [1, 2, 3]) {
    await write(count)
    expect(await load()).toEqual(stateNumber(count))
  }
})

test('there are two copies, and no draft is left over', async () => {
  await write(3)
  expect((await readdir(folder)).sort()).toEqual(['agent-state.0', 'agent-state.1'])
})

test('the folder is made, and nobody else may read the record', async () => {
  const store = stateFile(join(folder, 'new', 'one'), log)
  await store.load()
  await store.save(stateNumber(1))
  expect((await stat(join(folder, 'new', 'one', 'agent-state.1'))).mode & 0o077).toBe(0)
})

test('a newest copy that is torn anywhere falls back to the older one, and says so', async () => {
  const newest = await write(4)
  const { length } = await readFile(newest)
  for (let size = length - 2; size >= 0; size -= 7) {
    await truncate(newest, size)
    expect(await load()).toEqual(stateNumber(3))
  }
  expect(logged).toContain('damaged-record')
})

test('a newest copy with one wrong byte falls back to the older one', async () => {
  const newest = await write(4)
  const text = await readFile(newest, 'utf8')
  await writeFile(newest, text.replace('action-4', 'action-9'))
  expect(await load()).toEqual(stateNumber(3))
})

test('after a fall-back the damaged copy is overwritten first', async () => {
  const newest = await write(4)
  await truncate(newest, 10)
  const store = stateFile(folder, log)
  await store.load()
  await store.save(stateNumber(5))
  expect(await load()).toEqual(stateNumber(5))
  logged = []
  await load()
  expect(logged).toEqual([])
})

test('a draft that a power cut left behind is no record', async () => {
  await write(2)
  await writeFile(join(folder, 'agent-state.1.tmp'), 'half a rec')
  expect(await load()).toEqual(stateNumber(2))
})

test('a device with both copies damaged starts with an empty record, and says so twice', async () => {
  await write(2)
  await truncate(join(folder, 'agent-state.0'), 5)
  await truncate(join(folder, 'agent-state.1'), 5)
  expect(await load()).toEqual(emptyState)
  expect(logged).toEqual(['damaged-record', 'damaged-record'])
})

test('a record is not overwritten by someone who has not read it', async () => {
  await expect(stateFile(folder, log).save(emptyState)).rejects.toThrow('load the record')
})

test('a record that cannot be read is an error, not an empty record', async () => {
  await write(2)
  await rm(join(folder, 'agent-state.0'))
  await mkdir(join(folder, 'agent-state.0'))
  await expect(load()).rejects.toThrow('EISDIR')
})
