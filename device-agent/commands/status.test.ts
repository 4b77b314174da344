import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accept, advance, emptyState, finish, type RunningAction } from '../domain/agent-state.ts'
import { toOptions } from '../options.ts'
import { describeStatus, look } from './status.ts'

const now = Date.UTC(2026, 0, 1)
const action: RunningAction = {
  ...{ actionId: 'action-1', kind: 'reboot', parameters: '[0,""]', request: {} },
  ...{ bootIdBefore: 'boot-1', acceptedAt: now, acceptedUptime: 0, delayMs: 60_000 },
}
const accepted = accept(emptyState, action)
const rebooting = advance(accepted, action, { step: { state: 'rebooting' }, now })

function shown(state = emptyState, isRunning = true, locked?: string): string {
  return describeStatus({ state, isRunning, locked }).join('\n')
}

test('an agent that never ran has nothing to show', () => {
  expect(describeStatus({ isRunning: false, state: undefined, locked: undefined })).toEqual([
    'agent         not running',
    'under way     nothing',
    'last results  none',
  ])
})

test('what was accepted says when it begins', () => {
  expect(shown(accepted)).toContain('reboot action-1, accepted, begins at 2026-01-01T00:01:00.000Z')
})

test('what is under way says where it stands', () => {
  expect(shown(rebooting)).toContain('reboot action-1, rebooting, begun at 2026-01-01T00:00:00.000Z')
})

test('a proven reboot shows both boot ids, and that the hub has not heard of it', () => {
  if (rebooting.running === undefined) throw new Error('nothing runs')
  const state = finish(rebooting, rebooting.running, { status: 'completed', now, bootId: 'boot-2' })
  expect(shown(state)).toContain(
    '2026-01-01T00:00:00.000Z  reboot action-1  completed, boot id boot-1 -> boot-2',
  )
  expect(shown(state)).toContain('not reported  action-1')
})

test('a failure says why', () => {
  const error = { code: 'did-not-reboot', message: 'the machine did not go down' } as const
  const state = finish(accepted, action, { status: 'failed', now, bootId: 'boot-1', error })
  expect(shown(state)).toContain('failed, did-not-reboot: the machine did not go down')
})

test('the newest of many results come first, and only the last five', () => {
  const end = { status: 'completed', now } as const
  let state = emptyState
  for (let count = 1; count <= 9; count += 1)
    state = finish(state, { ...action, actionId: `action-${count}` }, { ...end, bootId: 'boot-2' })
  expect([...shown(state).matchAll(/reboot (action-\d)/g)].map(([, id]) => id)).toEqual([
    'action-9',
    'action-8',
    'action-7',
    'action-6',
    'action-5',
  ])
})

test('a lock is shown with its reason', () => {
  expect(shown(emptyState, true, 'in use')).toContain('update lock   in use')
})

test('a clock by which no certificate is valid is named, with what it says, and how to set it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-status-'))
  const lines = async () =>
    describeStatus(await look(toOptions({ 'state-dir': folder }), undefined, () => undefined)).join('\n')
  await writeFile(join(folder, 'connection.json'), '{"transport":"mqtt"}')
  expect(await lines()).not.toContain('clock')
  await writeFile(join(folder, 'connection.json'), '{"clockBlocksSince":"1970-01-01T00:00:12.000Z"}')
  expect(await lines()).toMatch(/^hub +not reached: by the clock of this machine \(\d{4}-.*timedatectl$/m)
  await rm(folder, { recursive: true })
})

test('restarts that nobody asked for are shown', () => {
  expect(shown({ ...emptyState, unexpectedReboots: 2 })).toContain('restarts      2 that no action asked for')
})
