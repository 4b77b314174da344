import { EventEmitter } from 'node:events'
import type { App } from 'electron'
import { expect, test } from 'vitest'
import type { Application } from '../core/application.ts'
import type { Log } from '../core/ports/log.ts'
import { closeBeforeQuit } from './quit.ts'

/** An app that ends unless a listener of `before-quit` prevents it. */
class FakeApp {
  readonly #emitter = new EventEmitter()
  isEnded = false

  on(event: string, listener: (event: { preventDefault: () => void }) => void): void {
    this.#emitter.on(event, listener)
  }

  quit(): void {
    let isPrevented = false
    this.#emitter.emit('before-quit', { preventDefault: () => (isPrevented = true) })
    this.isEnded ||= !isPrevented
  }
}

function setUp(close: () => Promise<void>) {
  const app = new FakeApp()
  const bugs: string[] = []
  const log: Log = { info: () => undefined, warn: () => undefined, bug: (event) => void bugs.push(event) }
  const application: Application = { handlers: {} as Application['handlers'], close }
  closeBeforeQuit(app as unknown as App, application, log)
  return { app, bugs }
}

test('the app ends only after the application has closed', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const { app } = setUp(() => promise)
  app.quit()
  await Promise.resolve()
  expect(app.isEnded).toBe(false)
  resolve(undefined)
  await expect.poll(() => app.isEnded).toBe(true)
})

test('quitting twice closes once', async () => {
  let times = 0
  const { app } = setUp(() => {
    times++
    return Promise.resolve()
  })
  app.quit()
  app.quit()
  await expect.poll(() => app.isEnded).toBe(true)
  expect(times).toBe(1)
})

test('the app ends also when the application cannot close', async () => {
  const { app, bugs } = setUp(() => Promise.reject(new Error('disk full')))
  app.quit()
  await expect.poll(() => app.isEnded).toBe(true)
  expect(bugs).toEqual(['close-failed'])
})
