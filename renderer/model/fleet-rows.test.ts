import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FleetChange } from '../../contract/app/device.ts'
import { fleetOf } from '../testing/fake-app.ts'
import { deviceId, deviceRow } from '../testing/values.ts'
import { applyChange, emptyRows, findRow } from './fleet-rows.ts'

function delta(rest: Partial<FleetChange>): FleetChange {
  return fleetOf([], { isReset: false, ...rest })
}

test('a changed row keeps its position, and says that the structure is the same', () => {
  const rows = emptyRows()
  applyChange(rows, fleetOf([deviceRow('a'), deviceRow('b')]))
  const hasNewStructure = applyChange(rows, delta({ rows: [deviceRow('a', { isConnected: false })] }))
  expect(hasNewStructure).toBe(false)
  expect(rows.list.map(({ deviceId: id }) => id)).toEqual(['a', 'b'])
  expect(findRow(rows, 'a')?.isConnected).toBe(false)
})

test('new and removed devices change the structure', () => {
  const rows = emptyRows()
  expect(applyChange(rows, fleetOf([deviceRow('a')]))).toBe(true)
  expect(applyChange(rows, delta({ rows: [deviceRow('b')] }))).toBe(true)
  expect(applyChange(rows, delta({ removed: [deviceId('a')] }))).toBe(true)
  expect(rows.list.map(({ deviceId: id }) => id)).toEqual(['b'])
  expect(findRow(rows, 'a')).toBeUndefined()
})

test('a reset forgets everything from before', () => {
  const rows = emptyRows()
  applyChange(rows, fleetOf([deviceRow('a'), deviceRow('b')]))
  applyChange(rows, fleetOf([deviceRow('c')]))
  expect(rows.list.map(({ deviceId: id }) => id)).toEqual(['c'])
  expect(rows.positions.size).toBe(1)
})

test('device ids that name parts of objects are ids like any other', () => {
  const rows = emptyRows()
  applyChange(rows, fleetOf([deviceRow('__proto__'), deviceRow('constructor')]))
  expect(findRow(rows, '__proto__')?.deviceId).toBe('__proto__')
  expect(findRow(rows, 'toString')).toBeUndefined()
})

test('after any changes the rows are what a plain map would hold, and each position finds its row', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const change = fc.record({
    isReset: fc.boolean(),
    changed: fc.uniqueArray(fc.tuple(id, fc.boolean()), { selector: ([key]) => key }),
    removed: fc.uniqueArray(id),
  })
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const rows = emptyRows()
      const plain = new Map<string, boolean>()
      for (const { isReset, changed, removed } of changes) {
        const changedRows = changed.map(([key, isConnected]) => deviceRow(key, { isConnected }))
        applyChange(rows, fleetOf(changedRows, { isReset, removed: removed.map(deviceId) }))
        if (isReset) plain.clear()
        for (const key of removed) plain.delete(key)
        for (const [key, isConnected] of changed) plain.set(key, isConnected)
      }
      expect(new Map(rows.list.map((row) => [row.deviceId as string, row.isConnected]))).toEqual(plain)
      for (const row of rows.list) expect(findRow(rows, row.deviceId)).toBe(row)
    }),
  )
})
