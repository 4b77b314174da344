import { EventEmitter } from 'node:events'
import type { App, BrowserWindow } from 'electron'
import { describe, expect, test } from 'vitest'
import { FakeLog } from '../core/testing/fakes.ts'
import { Closing } from './quit.ts'

type Preventable = (event: { preventDefault: () => void }) => void

/** Ends unless a listener of `before-quit` prevents it, and then closes its window, as Electron does. */
class FakeApp {
  readonly #emitter = new EventEmitter()
  readonly window = new FakeWindow()
  isEnded = false

  on(event: string, listener: Preventable): void {
    this.#emitter.on(event, listener)
  }

  quit(): void {
    this.isEnded ||= isAllowed(this.#emitter, 'before-quit') && this.window.close()
  }
}

class FakeWindow {
  readonly #emitter = new EventEmitter()
  isHidden = false
  isGone = false

  on(event: string, listener: Preventable): void {
    this.#emitter.on(event, listener)
  }

  /** As a person does; returns whether the window is gone. */
  close(): boolean {
    this.isGone ||= isAllowed(this.#emitter, 'close')
    return this.isGone
  }

  hide(): void {
    if (this.isGone) throw new TypeError('Object has been destroyed')
    this.isHidden = true
  }

  isDestroyed(): boolean {
    return this.isGone
  }
}

function isAllowed(emitter: EventEmitter, event: string): boolean {
  let isPrevented = false
  emitter.emit(event, { preventDefault: () => (isPrevented = true) })
  return !isPrevented
}

interface Given {
  readonly underWay?: number
  readonly mayClose?: (actions: number) => Promise<boolean>
  readonly close?: () => Promise<void>
}

function setUp({ underWay = 0, mayClose = neverAsked, close = () => Promise.resolve() }: Given = {}) {
  const app = new FakeApp()
  const log = new FakeLog()
  const asked: number[] = []
  const closing = new Closing({
    app: app as unknown as App,
    application: { underWay, close },
    log,
    mayClose: (actions) => (asked.push(actions), mayClose(actions)),
  })
  closing.watch(app.window as unknown as BrowserWindow)
  return { app, log, asked, closing }
}

function neverAsked(): Promise<boolean> {
  throw new Error('Nobody should be asked.')
}

describe('the app ends', () => {
  test('only after the application has closed, and is out of sight until then', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const { app } = setUp({ close: () => promise })
    app.quit()
    await Promise.resolve()
    expect([app.isEnded, app.window.isHidden]).toEqual([false, true])
    resolve(undefined)
    await expect.poll(() => app.isEnded).toBe(true)
  })

  test('when its window is closed', async () => {
    const { app } = setUp()
    expect(app.window.close()).toBe(false)
    await expect.poll(() => app.isEnded).toBe(true)
  })

  test('once, when it is asked to twice', async () => {
    let times = 0
    const { app } = setUp({ close: () => ((times += 1), Promise.resolve()) })
    app.quit()
    app.quit()
    await expect.poll(() => app.isEnded).toBe(true)
    expect(times).toBe(1)
  })

  test('also when the application cannot close', async () => {
    const { app, log } = setUp({ close: () => Promise.reject(new Error('disk full')) })
    app.quit()
    await expect.poll(() => app.isEnded).toBe(true)
    expect(log.bugs).toHaveLength(1)
  })
})

describe('while actions need the app', () => {
  test('a person is asked first, and the app stays open if they wish', async () => {
    const { app, asked } = setUp({ underWay: 2, mayClose: () => Promise.resolve(false) })
    app.quit()
    await expect.poll(() => asked).toEqual([2])
    expect([app.isEnded, app.window.isHidden]).toEqual([false, false])
    app.window.close()
    await expect.poll(() => asked).toEqual([2, 2])
    expect(app.isEnded).toBe(false)
  })

  test('it ends if they wish', async () => {
    const { app, asked } = setUp({ underWay: 1, mayClose: () => Promise.resolve(true) })
    app.window.close()
    await expect.poll(() => app.isEnded).toBe(true)
    expect(asked).toEqual([1])
  })

  test('whoever closes it once more while they are asked has answered, and it closes once', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    let times = 0
    const { app } = setUp({
      underWay: 1,
      mayClose: () => promise,
      close: () => ((times += 1), Promise.resolve()),
    })
    app.quit()
    await Promise.resolve()
    app.quit()
    await expect.poll(() => app.isEnded).toBe(true)
    resolve(true)
    await promise
    expect(times).toBe(1)
  })

  test('nobody is asked while the machine is shut down, or when the window is gone', async () => {
    const { app, closing } = setUp({ underWay: 1 })
    app.window.isGone = true
    closing.insist()
    app.quit()
    await expect.poll(() => app.isEnded).toBe(true)
  })

  test('an open question does not hold up the shutdown of the machine', async () => {
    const { promise } = Promise.withResolvers<boolean>()
    const { app, closing } = setUp({ underWay: 1, mayClose: () => promise })
    app.quit()
    await Promise.resolve()
    closing.insist()
    await expect.poll(() => app.isEnded).toBe(true)
  })

  test('a question that cannot be asked does not keep the app from ending', async () => {
    const { app, log } = setUp({ underWay: 1, mayClose: () => Promise.reject(new Error('no display')) })
    app.quit()
    await expect.poll(() => app.isEnded).toBe(true)
    expect(log.bugs).toHaveLength(1)
  })
})
