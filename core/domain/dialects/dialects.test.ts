import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { firmwareStage } from './firmware-words.ts'
import { assumed, builtInDialects, recognise } from './recognise.ts'

const agent = { version: '1', bootId: 'b', firmwareVersion: '2.4.1', actions: ['reboot'] }

describe('a device is recognised by what it has reported', () => {
  test.each<[string, Json]>([
    ['drover', { iothubDM: { agent } }],
    ['drover', { iothubDM: { agent, reboot: { lastReboot: 'x' } } }],
    ['tutorial', { iothubDM: { reboot: { lastReboot: 'x' } } }],
    ['tutorial', { iothubDM: { reboot: { startedRebootTime: 'x' } } }],
    ['tutorial', { lastReboot: '2026-01-01T00:00:00' }],
    ['tutorial', { iothubDM: { firmwareUpdate: { status: 'waiting' } } }],
    ['configuration', { firmware: { fwUpdateStatus: 'current' } }],
    ['remote-monitoring', { SupportedMethods: 'Reboot, FirmwareUpdate', Firmware: '1' }],
    ['windows-iot', { windows: { rebootInfo: { lastBootTime: 'x' } } }],
    ['windows-iot', { windows: { factoryReset: { lastChange: { state: 'pending' } } } }],
  ])('%s', (name, reported) => {
    expect(recognise(builtInDialects, reported)?.name).toBe(name)
  })

  test.each<[Json]>([[null], [{}], [[]], ['x'], [{ iothubDM: 7 }], [{ firmware: { fwUpdateStatus: 7 } }]])(
    'and %j is nobody that is known',
    (reported) => {
      expect(recognise(builtInDialects, reported)).toBeUndefined()
    },
  )

  test('one that has said nothing is asked as the tutorial asks', () => {
    expect(assumed(undefined).request({ kind: 'reboot' })).toMatchObject({
      methodName: 'reboot',
      payload: null,
    })
  })

  test('by all of them without a mistake, whatever it has reported', () => {
    const keys = fc.constantFrom(
      'iothubDM',
      'firmware',
      'windows',
      'SupportedMethods',
      '__proto__',
      'reboot',
      'agent',
    )
    const leaf = fc.oneof(fc.string({ maxLength: 300 }), fc.integer(), fc.constant(null))
    const inner = fc.dictionary(keys, fc.oneof(leaf, fc.dictionary(keys, leaf)))
    const reported = fc.oneof(fc.dictionary(keys, fc.oneof(leaf, inner)), leaf) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(reported, (value) => {
        for (const dialect of builtInDialects) {
          dialect.recognises(value)
          for (const text of Object.values(dialect.readState(value))) {
            if (typeof text === 'string') expect(text.length).toBeLessThanOrEqual(128)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what a device says', () => {
  test('is cut where it is long', () => {
    const reported = { iothubDM: { reboot: { lastReboot: 'x'.repeat(5_000) } } }
    expect(recognise(builtInDialects, reported)?.readState(reported).restartTime).toHaveLength(128)
  })

  test('about its methods comes from lists', () => {
    const reported = { SupportedMethods: 'Reboot, FirmwareUpdate ,Blink' }
    expect(recognise(builtInDialects, reported)?.readMethods(reported)).toEqual([
      'Reboot',
      'FirmwareUpdate',
      'Blink',
    ])
    const ours = { iothubDM: { agent } }
    expect(recognise(builtInDialects, ours)?.readMethods(ours)).toEqual(['reboot'])
  })
})

describe('the words of the tutorials and samples', () => {
  test.each([
    ['download complete', 'downloading'],
    ['downloadComplete', 'downloading'],
    ['Downloading image..', 'downloading'],
    ['apply firmware image complete', 'done'],
    ['applyComplete', 'done'],
    ['Firmware updated', 'done'],
    ['current', 'done'],
    ['downloadfailed', 'download-failed'],
    ['downloadFailed', 'download-failed'],
    ['Download image failed', 'download-failed'],
    ['Apply image failed', 'apply-failed'],
    ['rolledback', 'rolled-back'],
    ['error', 'failed'],
  ])('%j means %s', (word, stage) => {
    expect(firmwareStage(word)).toBe(stage)
  })

  test.each(['', 'constructor', '__proto__', 'toString', 'dancing'])('%j means nothing', (word) => {
    expect(firmwareStage(word)).toBeUndefined()
  })
})
