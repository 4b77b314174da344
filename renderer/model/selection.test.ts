import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeviceId } from '../../contract/app/ids.ts'
import { deviceId } from '../testing/values.ts'
import {
  aim,
  countShown,
  emptySelection,
  keepExisting,
  selectAll,
  selectOnly,
  selectTo,
  toggle,
  type Selection,
  type ShownDevices,
} from './selection.ts'

const ids = Array.from({ length: 20 }, (_, position) => deviceId(`device-${position}`))
const id = (position: number): DeviceId => ids[position] ?? deviceId('none')

function shownOf(devices: readonly DeviceId[]): ShownDevices {
  return {
    length: devices.length,
    idAt: (position) => devices[position],
    positionOf: (device) => devices.indexOf(device),
  }
}

const shown = shownOf(ids)

function selected(selection: Selection): string[] {
  return [...selection.deviceIds]
}

test('a range runs from the anchor to the device, in either direction', () => {
  const from = selectOnly(id(5))
  expect(selected(selectTo(from, id(7), { shown }))).toEqual([id(5), id(6), id(7)])
  expect(selected(selectTo(from, id(3), { shown }))).toEqual([id(3), id(4), id(5)])
})

test('a range that is drawn again replaces the range before it', () => {
  const wide = selectTo(selectOnly(id(5)), id(9), { shown })
  expect(selected(selectTo(wide, id(6), { shown }))).toEqual([id(5), id(6)])
})

test('an added range keeps what was selected before', () => {
  const two = toggle(selectOnly(id(1)), id(5))
  expect(selected(selectTo(two, id(6), { shown, isAdded: true }))).toEqual([id(1), id(5), id(6)])
})

test('a range whose anchor is filtered away is the device alone', () => {
  const visible = shownOf(ids.slice(3))
  const selection = selectTo(selectOnly(id(0)), id(4), { shown: visible })
  expect(selected(selection)).toEqual([id(4)])
  expect(selection.anchor).toBe(id(4))
})

test('a right-click inside the selection keeps it, and one outside of it selects the device alone', () => {
  const two = toggle(selectOnly(id(1)), id(2))
  expect(selected(aim(two, id(1)))).toEqual([id(1), id(2)])
  expect(selected(aim(two, id(9)))).toEqual([id(9)])
})

test('selecting everything leaves the keyboard where it was', () => {
  const all = selectAll(selectOnly(id(4)), shown)
  expect(all.deviceIds.size).toBe(20)
  expect(all.active).toBe(id(4))
})

test('devices that are gone are forgotten, and nothing changes when none is', () => {
  const two = toggle(selectOnly(id(1)), id(2))
  const left = keepExisting(two, (device) => device !== id(2))
  expect(selected(left)).toEqual([id(1)])
  expect(left.active).toBeUndefined()
  expect(keepExisting(two, () => true)).toBe(two)
})

test('of the selected devices only those that the filter shows are counted', () => {
  const all = selectAll(emptySelection, shown)
  expect(countShown(all, shownOf(ids.slice(0, 6)))).toBe(6)
  expect(countShown(emptySelection, shown)).toBe(0)
})

describe('for every way of clicking', () => {
  const position = fc.nat({ max: 19 })

  test('toggling a device twice gives the same devices', () => {
    fc.assert(
      fc.property(fc.array(position), position, (before, device) => {
        const start = before.reduce((selection, at) => toggle(selection, id(at)), emptySelection)
        const twice = toggle(toggle(start, id(device)), id(device))
        expect(new Set(twice.deviceIds)).toEqual(new Set(start.deviceIds))
      }),
    )
  })

  test('a range holds exactly the devices between its ends', () => {
    fc.assert(
      fc.property(position, position, (from, to) => {
        const range = selectTo(selectOnly(id(from)), id(to), { shown })
        expect(range.deviceIds.size).toBe(Math.abs(from - to) + 1)
        expect(range.deviceIds.has(id(from)) && range.deviceIds.has(id(to))).toBe(true)
        expect(range.anchor).toBe(id(from))
        expect(range.active).toBe(id(to))
      }),
    )
  })

  test('the selection before is never changed in place', () => {
    fc.assert(
      fc.property(fc.array(position, { minLength: 1 }), position, (before, device) => {
        const start = before.reduce((selection, at) => toggle(selection, id(at)), emptySelection)
        const copy = [...start.deviceIds]
        toggle(start, id(device))
        selectTo(start, id(device), { shown, isAdded: true })
        selectAll(start, shown)
        expect([...start.deviceIds]).toEqual(copy)
      }),
    )
  })
})
