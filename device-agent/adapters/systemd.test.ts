import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { serviceManager } from './systemd.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function start(environment: Record<string, string>, fails = false) {
  const told: string[] = []
  const events: string[] = []
  const stop = new AbortController()
  const run = (program: string, parameters: readonly string[]) => {
    told.push([program, ...parameters].join(' '))
    return fails ? Promise.reject(new Error('no such program')) : Promise.resolve()
  }
  const log = (event: string) => void events.push(event)
  return { told, events, stop, service: serviceManager({ environment, run, log }, stop.signal) }
}

test('systemd is told when the agent is up and when it ends', () => {
  const { told, service } = start({ NOTIFY_SOCKET: '/run/notify' })
  service.ready()
  service.stopping()
  expect(told).toEqual(['systemd-notify READY=1', 'systemd-notify STOPPING=1'])
})

test('the watchdog hears three times within its time, until the agent is stopped', () => {
  const { told, stop } = start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '180000000' })
  vi.advanceTimersByTime(180_000)
  expect(told).toEqual(Array(3).fill('systemd-notify WATCHDOG=1'))
  stop.abort()
  vi.advanceTimersByTime(180_000)
  expect(told).toHaveLength(3)
})

test('nothing is told where no systemd asks', () => {
  const { told, service } = start({ WATCHDOG_USEC: '180000000' })
  service.ready()
  vi.advanceTimersByTime(180_000)
  service.stopping()
  expect(told).toEqual([])
})

test('a word that does not get through is logged, and ends nothing', async () => {
  const { events, service } = start({ NOTIFY_SOCKET: '/run/notify' }, true)
  service.ready()
  await vi.advanceTimersByTimeAsync(1)
  expect(events).toEqual(['not-notified'])
})
