import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { DevToolsSession } from '../devtools/devtools.ts'
import { FrameTree } from './frame-tree.ts'

function setUp() {
  const emitter = new EventEmitter()
  const frames = new FrameTree()
  frames.follow(emitter as unknown as DevToolsSession, 'main')
  const commit = (id: string, url: string, parentId?: string): void => {
    const securityOrigin = new URL(url).origin
    emitter.emit('Page.frameNavigated', { frame: { id, parentId, url, securityOrigin } })
  }
  const addContext = (id: number, frameId: string, origin: string): void => {
    emitter.emit('Runtime.executionContextCreated', { context: { id, origin, auxData: { frameId } } })
  }
  return { emitter, frames, commit, addContext }
}

describe('the main frame', () => {
  test('is known by the URL that the app knows', () => {
    const { frames, commit } = setUp()
    commit('main', 'https://drover.app.invalid/index.html')
    expect(frames.mainFrame).toMatchObject({
      url: 'app://drover/index.html',
      origin: 'app://drover',
      parent: null,
    })
    expect(frames.isMain('main')).toBe(true)
  })

  test('stays the same frame when it goes elsewhere', () => {
    const { frames, commit, addContext } = setUp()
    commit('main', 'https://drover.app.invalid/index.html')
    commit('main', 'https://example.com/')
    addContext(5, 'main', 'https://example.com')
    expect(frames.frameOf(5)).toBe(frames.mainFrame)
    expect(frames.mainFrame.origin).toBe('https://example.com')
  })
})

describe('a frame inside the page', () => {
  test('has a parent and a number of its own', () => {
    const { emitter, frames, addContext } = setUp()
    emitter.emit('Page.frameAttached', { frameId: 'inner', parentFrameId: 'main' })
    addContext(6, 'inner', 'https://drover.app.invalid')
    const inner = frames.frameOf(6)
    expect(inner?.parent).toBe(frames.mainFrame)
    expect(inner?.frameTreeNodeId).not.toBe(frames.mainFrame.frameTreeNodeId)
    expect(inner?.url).toBe('about:blank')
    expect(frames.isMain('inner')).toBe(false)
  })

  test('is gone when it was removed', () => {
    const { emitter, frames, addContext } = setUp()
    emitter.emit('Page.frameAttached', { frameId: 'inner', parentFrameId: 'main' })
    addContext(6, 'inner', 'https://drover.app.invalid')
    const inner = frames.frameOf(6)
    emitter.emit('Page.frameDetached', { frameId: 'inner' })
    expect(frames.frameOf(6)).toBeNull()
    expect(inner?.isDestroyed()).toBe(true)
  })
})

test.each(['Runtime.executionContextsCleared', 'Runtime.executionContextDestroyed'])(
  'a context that is gone belongs to no frame (%s)',
  (event) => {
    const { emitter, frames, addContext } = setUp()
    addContext(5, 'main', 'https://drover.app.invalid')
    emitter.emit(event, { executionContextId: 5 })
    expect(frames.frameOf(5)).toBeNull()
  },
)

test('a context that nobody announced belongs to no frame', () => {
  expect(setUp().frames.frameOf(1)).toBeNull()
})
