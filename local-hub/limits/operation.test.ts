import { expect, test } from 'vitest'
import { operationOf } from './operation.ts'

test.each([
  ['GET', ['devices'], 'registry'],
  ['PUT', ['devices', ':deviceId'], 'registry'],
  ['GET', ['devices', ':deviceId', 'modules'], 'registry'],
  ['GET', ['statistics', 'devices'], 'registry'],
  ['POST', ['devices', 'query'], 'query'],
  ['GET', ['twins', ':deviceId'], 'twinRead'],
  ['PATCH', ['twins', ':deviceId'], 'twinUpdate'],
  ['PUT', ['twins', ':deviceId', 'modules', ':moduleId'], 'twinUpdate'],
  ['POST', ['twins', ':deviceId', 'methods'], 'directMethod'],
  ['POST', ['twins', ':deviceId', 'modules', ':moduleId', 'methods'], 'directMethod'],
  ['PUT', ['jobs', 'v2', ':jobId'], 'job'],
  ['POST', ['devices', ':deviceId', 'messages', 'events'], 'telemetry'],
  ['POST', ['devices', ':deviceId', 'modules', ':moduleId', 'messages', 'events'], 'telemetry'],
  ['GET', ['devices', ':deviceId', 'messages', 'devicebound'], 'cloudToDevice'],
  ['GET', ['$drover', 'diagnostics'], 'diagnostics'],
])('%s %j is the operation %s', (method, path, operation) => {
  expect(operationOf({ method, path })).toBe(operation)
})
