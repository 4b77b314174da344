import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkRecord, JournalRecord } from './journal-record.ts'

const at = fc.oneof(
  { weight: 24, arbitrary: fc.constant('2026-11-23T10:00:00.000Z') },
  fc.constantFrom('2026-02-30T10:00:00.000Z', '2024-02-29T10:00:00Z', '2026-11-23', '', 7, null),
)
const text = fc.oneof(
  { weight: 24, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }) },
  fc.constantFrom('', 'x'.repeat(65), 'x'.repeat(129), 7, null, {}),
)
const name = fc.oneof(
  { weight: 24, arbitrary: fc.constantFrom('send', 'accept', 'succeed', 'lose') },
  fc.constantFrom('explode', 'toString', '', 7, null),
)
const proof = fc.record(
  {
    kind: fc.constantFrom('boot-id', 'boot-id', 'boot-id', 'reported', 'moon'),
    ...{ bootIdBefore: text, bootIdAfter: text, readAt: at },
    downMs: fc.constantFrom<unknown>(0, 60_000, 61_000, 3_600_000, -1, 1.5, 2 ** 60, '1'),
  },
  { requiredKeys: ['kind', 'bootIdBefore', 'bootIdAfter', 'readAt'] },
)
const usual = { type: fc.constant('target'), at, actionId: text, deviceId: text, name }
const strange = {
  type: fc.constantFrom('target', 'campaign', 'moon'),
  reason: fc.constantFrom<unknown>({ code: 'offline' }, { code: 'moon' }, 'offline', null),
  evidence: fc.oneof(proof, fc.constantFrom(null, 'proof', [])),
  phase: fc.constantFrom('accepted', 'moon'),
  more: fc.constant(1),
}
const record = fc.oneof(
  fc.record(usual),
  fc.record({ ...usual, evidence: proof }),
  fc.record({ ...usual, evidence: proof.map((evidence) => ({ ...evidence, more: 1 })) }),
  fc.record({ ...usual, ...strange }, { requiredKeys: ['type', 'at', 'actionId', 'deviceId', 'name'] }),
)

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() }
  } catch (error) {
    return { error: error instanceof Error && error.name }
  }
}

test('the quick look at a record says what the schema says, whatever is in it', () => {
  let taken = 0
  const check = fc.property(fc.oneof(record, fc.jsonValue()), (value) => {
    const read = JSON.parse(JSON.stringify(value)) as unknown
    const expected = outcome(() => JournalRecord.parse(read))
    if (expected !== null && typeof expected === 'object' && 'value' in expected) taken += 1
    expect(outcome(() => checkRecord(read))).toEqual(expected)
  })
  fc.assert(check, { numRuns: 5_000 })
  expect(taken).toBeGreaterThan(500)
})
