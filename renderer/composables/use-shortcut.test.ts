import { effectScope, type EffectScope } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { useShortcut } from './use-shortcut.ts'

let scope: EffectScope
let runs: number

beforeEach(() => {
  runs = 0
  scope = effectScope()
  scope.run(() => {
    useShortcut('/', () => {
      runs++
    })
  })
})
afterEach(() => {
  scope.stop()
  document.body.replaceChildren()
})

function press(target: EventTarget, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true, ...init })
  target.dispatchEvent(event)
  return event
}

test('the key runs the command from anywhere in the window, and types nothing', () => {
  expect(press(document.body).defaultPrevented).toBe(true)
  expect(runs).toBe(1)
})

test('the key is a letter where text is typed', () => {
  const field = document.body.appendChild(document.createElement('input'))
  expect(press(field).defaultPrevented).toBe(false)
  expect(runs).toBe(0)
})

test('the key does nothing behind a dialog', () => {
  const dialog = document.body.appendChild(document.createElement('div'))
  dialog.setAttribute('role', 'dialog')
  press(document.body)
  expect(runs).toBe(0)
})

test('the key with another one held is somebody else’s', () => {
  press(document.body, { ctrlKey: true })
  press(document.body, { altKey: true })
  expect(runs).toBe(0)
})

test('a key that is held with Ctrl is never typed, and is another one with Shift', () => {
  let opened = 0
  scope.run(() => {
    useShortcut('k', () => opened++, { isHeld: true })
  })
  const field = document.body.appendChild(document.createElement('input'))
  press(field, { key: 'k' })
  expect(opened).toBe(0)
  expect(press(field, { key: 'k', ctrlKey: true }).defaultPrevented).toBe(true)
  press(field, { key: 'k', ctrlKey: true, shiftKey: true })
  expect(opened).toBe(1)
})

test('the K of a Korean layout is a K where it is no letter', () => {
  let opened = 0
  scope.run(() => {
    useShortcut('k', () => opened++, { isHeld: true })
  })
  press(document.body, { key: 'ㅏ', code: 'KeyK', ctrlKey: true })
  expect(opened).toBe(1)
})

test('a component that has gone listens no more', () => {
  scope.stop()
  press(document.body)
  expect(runs).toBe(0)
})
