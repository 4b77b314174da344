import { expect, test } from 'vitest'
import { isReportedKind, reportQuery } from './report-query.ts'

test('the statuses of one action are counted by the hub, in one row each', () => {
  expect(reportQuery({ kind: 'firmwareUpdate', actionId: '01JD' })).toBe(
    'SELECT properties.reported.iothubDM.firmwareUpdate.status AS status, COUNT() AS devices FROM devices ' +
      "WHERE properties.reported.iothubDM.firmwareUpdate.actionId = '01JD' " +
      'GROUP BY properties.reported.iothubDM.firmwareUpdate.status',
  )
})

test.each(["x' OR true", 'a b', '', 'ü'])('an id such as %j never gets into a query', (actionId) => {
  expect(() => reportQuery({ kind: 'reboot', actionId })).toThrow()
})

test('what leaves no report of an action is not counted', () => {
  const kinds = ['reboot', 'factoryReset', 'firmwareUpdate', 'method', 'desired', 'tags', 'restore'] as const
  expect(kinds.filter(isReportedKind)).toEqual(['reboot', 'factoryReset', 'firmwareUpdate'])
})
