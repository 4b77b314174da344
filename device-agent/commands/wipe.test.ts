import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stateFile } from '../adapters/state-file.ts'
import { accept, advance, emptyState, type AgentState, type RunningAction } from '../domain/agent-state.ts'
import { toOptions } from '../options.ts'
import { wipeForReset } from './wipe.ts'

let folder = ''
const at = (...names: string[]) => join(folder, ...names)
const log = () => undefined
const action: RunningAction = {
  ...{ actionId: 'a', kind: 'factoryReset', parameters: '', request: { phase: 'execute' } },
  ...{ bootIdBefore: 'boot-1', acceptedAt: 0, acceptedUptime: 0, delayMs: 0 },
}
const accepted = accept(emptyState, action)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-wipe-'))
  await mkdir(at('data'))
  await writeFile(at('data', 'file'), 'x')
})
afterEach(() => rm(folder, { recursive: true }))

async function wipeIn(state: AgentState | undefined): Promise<void> {
  const store = stateFile(at('state'), log)
  await store.load()
  if (state !== undefined) await store.save(state)
  await wipeForReset(toOptions({ 'state-dir': at('state'), 'reset-wipe': at('data') }), log)
}

test('wipes for a factory reset that has come to it, again and again', async () => {
  const wiping = advance(accepted, action, { step: { state: 'wiping' }, now: 1 })
  await wipeIn(wiping)
  await wipeIn(wiping)
  expect(await readdir(at('data'))).toEqual([])
})

test.each([
  ['no record', undefined],
  ['nothing under way', emptyState],
  ['a reset that has not begun', accepted],
  ['a reset that has wiped', advance(accepted, action, { step: { state: 'rebooting' }, now: 1 })],
  ['another action', accept(emptyState, { ...action, kind: 'reboot', step: { state: 'wiping' } })],
])('with %s wipes nothing', async (_, state) => {
  await expect(wipeIn(state)).rejects.toThrow('no factory reset is under way')
  expect(await readdir(at('data'))).toEqual(['file'])
})
