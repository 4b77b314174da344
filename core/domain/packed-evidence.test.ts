import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Evidence } from '../../contract/app/target.ts'
import { packEvidence, unpackEvidence } from './packed-evidence.ts'

const readAt = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const text = fc.oneof(fc.uuid(), fc.string(), fc.constantFrom('|', '{', '{"a":1}', '||', ''))

test('evidence comes back as it was, whatever a device calls its boots', () => {
  const bootIds = fc.record(
    {
      kind: fc.constant('boot-id' as const),
      bootIdBefore: text,
      bootIdAfter: text,
      readAt,
      downMs: fc.nat(),
    },
    { requiredKeys: ['kind', 'bootIdBefore', 'bootIdAfter', 'readAt'] },
  )
  const answers = fc.record({
    ...{ kind: fc.constant('answer' as const), status: fc.nat(), payload: fc.json(), readAt },
  })
  fc.assert(
    fc.property(fc.oneof(bootIds, answers), (evidence) => {
      expect(unpackEvidence(packEvidence(evidence as Evidence))).toEqual(evidence)
    }),
  )
})

test('an instant with more digits than a clock of ours has is kept with them', () => {
  const evidence: Evidence = {
    kind: 'boot-id',
    bootIdBefore: 'a',
    bootIdAfter: 'b',
    readAt: '2026-11-23T10:00:00.123456Z',
  }
  expect(unpackEvidence(packEvidence(evidence))).toEqual(evidence)
})

test('the evidence of a reboot takes about a hundred characters', () => {
  const evidence: Evidence = {
    kind: 'boot-id',
    bootIdBefore: '11111111-1111-4111-8111-111111111111',
    bootIdAfter: '22222222-2222-4222-8222-222222222222',
    readAt: '2026-11-23T10:00:00.123Z',
    downMs: 61_000,
  }
  expect(packEvidence(evidence).length).toBeLessThan(110)
})
