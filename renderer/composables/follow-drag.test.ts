import { afterEach, beforeEach, expect, test } from 'vitest'
import { followDrag } from './follow-drag.ts'

let grip: HTMLElement
let ways: { readonly x: number; readonly y: number }[]

beforeEach(() => {
  ways = []
  grip = document.body.appendChild(document.createElement('div'))
  // happy-dom has no pointer capture; the browser's keeps the events coming while the pointer is elsewhere.
  grip.setPointerCapture = () => undefined
  grip.addEventListener('pointerdown', (press) => {
    followDrag(press, (way) => ways.push(way))
  })
})
afterEach(() => {
  grip.remove()
})

function pointer(type: string, clientX: number, clientY: number): void {
  grip.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerId: 1, cancelable: true }))
}

test('the way is measured from where the pointer was pressed', () => {
  pointer('pointerdown', 100, 50)
  pointer('pointermove', 110, 50)
  pointer('pointermove', 90, 45)
  expect(ways).toEqual([
    { x: 10, y: 0 },
    { x: -10, y: -5 },
  ])
})

test.each(['pointerup', 'pointercancel'])('%s ends the drag', (end) => {
  pointer('pointerdown', 100, 50)
  pointer(end, 100, 50)
  pointer('pointermove', 200, 50)
  expect(ways).toEqual([])
})

test('moving without a press is no drag', () => {
  pointer('pointermove', 200, 50)
  expect(ways).toEqual([])
})
