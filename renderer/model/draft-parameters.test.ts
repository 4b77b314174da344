import { expect, test } from 'vitest'
import { ActionKind, ActionParameters } from '../../contract/app/parameters.ts'
import { draftParameters, preflightKey } from './draft-parameters.ts'

test.each(ActionKind.options)('the least of a %s is something that can be asked', (kind) => {
  expect(ActionParameters.parse(draftParameters[kind])).toMatchObject({ kind })
})

test('typing a payload asks for no new pre-flight until another 4 KB are billed', () => {
  const asked = (payload: string): string =>
    preflightKey({ kind: 'method', methodName: 'm', payload, responseTimeoutMs: 5_000 }, undefined)
  expect(asked('')).toBe(asked('[1, 2]'))
  expect(asked('1')).toBe(asked('[1, 2]'))
  expect(asked('x'.repeat(4_096))).toBe(asked('1'))
  expect(asked('x'.repeat(4_097))).not.toBe(asked('1'))
  expect(asked('한'.repeat(1_400))).not.toBe(asked('1'))
})

test('another firmware version or another policy asks again', () => {
  const firmware = (fwVersion: string): ActionParameters => ({
    kind: 'firmwareUpdate',
    fwVersion,
    fwPackageUri: 'https://images.example/a',
  })
  const policy = { waves: [], gate: { soakMs: 0, needsApproval: false }, offline: { mode: 'skip' as const } }
  expect(preflightKey(firmware('1'), undefined)).not.toBe(preflightKey(firmware('2'), undefined))
  expect(preflightKey(firmware('1'), policy)).not.toBe(preflightKey(firmware('1'), undefined))
})
