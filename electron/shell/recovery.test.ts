import { EventEmitter } from 'node:events'
import type { BrowserWindow } from 'electron'
import { beforeEach, expect, test } from 'vitest'
import { FakeLog } from '../../core/testing/fakes.ts'
import { reopenAfterCrash } from './recovery.ts'

let page: EventEmitter
let log: FakeLog
let did: string[]
let nowMs: number
let mayReopen: boolean
let loads: () => Promise<void>

beforeEach(() => {
  page = new EventEmitter()
  log = new FakeLog()
  did = []
  nowMs = 1_000_000
  loads = () => Promise.resolve()
  reopenAfterCrash({ webContents: page } as unknown as BrowserWindow, {
    log,
    now: () => nowMs,
    load: () => (did.push('load'), loads()),
    mayReopen: () => (did.push('ask'), Promise.resolve(mayReopen)),
    quit: () => void did.push('quit'),
  })
})

function crash(reason = 'crashed'): void {
  page.emit('render-process-gone', {}, { reason })
}

test.each(['crashed', 'oom', 'killed', 'abnormal-exit'])(
  'a page that ended (%s) is opened again',
  (reason) => {
    crash(reason)
    expect(did).toEqual(['load'])
  },
)

test('a page that ended with its window is not', () => {
  crash('clean-exit')
  expect(did).toEqual([])
})

test('twice in a short time a person decides: again', async () => {
  mayReopen = true
  crash()
  nowMs += 10_000
  crash()
  await expect.poll(() => did).toEqual(['load', 'ask', 'load'])
})

test('twice in a short time a person decides: no more', async () => {
  mayReopen = false
  crash()
  nowMs += 10_000
  crash()
  await expect.poll(() => did).toEqual(['load', 'ask', 'quit'])
})

test('a crash long after the last one asks nobody', () => {
  crash()
  nowMs += 3_600_000
  crash()
  expect(did).toEqual(['load', 'load'])
})

test('a page that cannot be opened again is a bug in the log, not the end of the main process', async () => {
  loads = () => Promise.reject(new Error('ERR_FAILED'))
  crash()
  await expect.poll(() => log.bugs).toHaveLength(1)
})
