import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TargetStatus } from '../../contract/app/target.ts'
import type { DeviceRow } from '../../contract/app/device.ts'
import { actionId, deviceRow, noon } from '../testing/values.ts'
import { deviceColumns } from './device-columns.ts'
import { buildView, nextSort, type Sort } from './view-index.ts'

const byId: Sort = { column: 'deviceId', direction: 'ascending' }

function idsIn(rows: readonly DeviceRow[], sort: Sort, filter?: (row: DeviceRow) => boolean): string[] {
  return [...buildView(rows, filter, sort)].map((position) => rows[position]?.deviceId ?? '')
}

test('numbers in device ids are in the order in which people count', () => {
  const rows = ['pump-10', 'pump-2', 'Pump-1'].map((id) => deviceRow(id))
  expect(idsIn(rows, byId)).toEqual(['Pump-1', 'pump-2', 'pump-10'])
})

test('firmware versions are compared by their numbers', () => {
  const rows = ['2.10.0', '2.9.1', '2.9.0'].map((firmwareVersion) =>
    deviceRow(firmwareVersion, { firmwareVersion }),
  )
  expect(idsIn(rows, { column: 'firmware', direction: 'descending' })).toEqual(['2.10.0', '2.9.1', '2.9.0'])
})

test('what is not known comes last in both directions', () => {
  const rows = [deviceRow('a'), deviceRow('b', { lastActivityAt: noon })]
  expect(idsIn(rows, { column: 'lastActivity', direction: 'ascending' })).toEqual(['b', 'a'])
  expect(idsIn(rows, { column: 'lastActivity', direction: 'descending' })).toEqual(['b', 'a'])
})

test('the last actions that ask for attention come first', () => {
  const rows = TargetStatus.options.map((status) =>
    deviceRow(status, { lastAction: { actionId: actionId('x'), kind: 'reboot', status, at: noon } }),
  )
  const order = idsIn(rows, { column: 'lastAction', direction: 'ascending' })
  expect(order.slice(0, 2)).toEqual(['failed', 'unknown'])
  expect(order.at(-1)).toBe('succeeded')
})

test('online devices come before offline ones', () => {
  const rows = [deviceRow('a', { isConnected: false }), deviceRow('b')]
  expect(idsIn(rows, { column: 'connection', direction: 'ascending' })).toEqual(['b', 'a'])
})

test('a click on the sorted column turns it round, and one on another begins anew', () => {
  const turned = nextSort(byId, 'deviceId')
  expect(turned).toEqual({ column: 'deviceId', direction: 'descending' })
  expect(nextSort(turned, 'deviceId').direction).toBe('ascending')
  expect(nextSort(turned, 'firmware')).toEqual({ column: 'firmware', direction: 'ascending' })
})

describe('for every fleet, sort and filter', () => {
  const row = fc
    .record({
      id: fc.string({ minLength: 1, maxLength: 8 }),
      isConnected: fc.boolean(),
      isEnabled: fc.boolean(),
      firmwareVersion: fc.option(fc.string({ maxLength: 6 }), { nil: undefined }),
    })
    .map(({ id, firmwareVersion, ...rest }) =>
      deviceRow(id, { ...rest, ...(firmwareVersion === undefined ? {} : { firmwareVersion }) }),
    )
  const sort = fc.record({
    column: fc.constantFrom(...deviceColumns.map(({ key }) => key)),
    direction: fc.constantFrom('ascending' as const, 'descending' as const),
  })

  test('the view holds exactly the matching rows, each of them once', () => {
    fc.assert(
      fc.property(fc.array(row), sort, (rows, how) => {
        const view = [...buildView(rows, ({ isConnected }) => isConnected, how)]
        const matching = rows.flatMap(({ isConnected }, position) => (isConnected ? [position] : []))
        expect(view.toSorted((a, b) => a - b)).toEqual(matching)
      }),
    )
  })

  test('building the view again from the sorted rows changes nothing', () => {
    fc.assert(
      fc.property(fc.array(row), sort, (rows, how) => {
        const sorted = [...buildView(rows, undefined, how)].flatMap((position) => rows[position] ?? [])
        expect([...buildView(sorted, undefined, how)]).toEqual(sorted.map((_, position) => position))
      }),
    )
  })
})
