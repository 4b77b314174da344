import { describe, expect, test } from 'vitest'
import { readEvent } from './azure-event-shapes.ts'

/** Shapes of https://learn.microsoft.com/azure/iot-hub/iot-hub-non-telemetry-event-schema */
const system = (source: string, moduleId?: string) => ({
  'iothub-connection-device-id': 'pump',
  ...(moduleId !== undefined && { 'iothub-connection-module-id': moduleId }),
  'iothub-message-source': source,
})

const reported = { iothubDM: { reboot: { status: 'completed' } }, $version: 3 }

describe('an event of the built-in endpoint', () => {
  test('that a twin was changed is what the device reported, and the version', () => {
    const body = { version: 7, properties: { reported } }
    expect(
      readEvent({ body, properties: { opType: 'updateTwin' }, systemProperties: system('twinChangeEvents') }),
    ).toEqual({ kind: 'reported', deviceId: 'pump', reported, version: 7 })
  })

  test('that a twin was replaced is no report: it holds what was reported long ago', () => {
    const body = { deviceId: 'pump', etag: 'AAA=', version: 7, properties: { desired: {}, reported } }
    expect(
      readEvent({
        body,
        properties: { opType: 'replaceTwin' },
        systemProperties: system('twinChangeEvents'),
      }),
    ).toBeUndefined()
  })

  test.each(['deviceConnected', 'deviceDisconnected'])('%s is a connection', (opType) => {
    const event = { body: { sequenceNumber: '01' }, properties: { opType } }
    expect(readEvent({ ...event, systemProperties: system('deviceConnectionStateEvents') })).toEqual({
      kind: 'connection',
      deviceId: 'pump',
      isConnected: opType === 'deviceConnected',
    })
  })

  test.each<[string, Parameters<typeof readEvent>[0]]>([
    [
      'of a module',
      {
        body: { version: 7, properties: { reported } },
        properties: { opType: 'updateTwin' },
        systemProperties: system('twinChangeEvents', 'camera'),
      },
    ],
    ['of telemetry', { body: { properties: { reported } }, systemProperties: system('Telemetry') }],
    [
      'of a change of tags alone',
      {
        body: { version: 7, tags: { site: 'A' } },
        properties: { opType: 'updateTwin' },
        systemProperties: system('twinChangeEvents'),
      },
    ],
    [
      'without a device',
      { body: {}, systemProperties: { 'iothub-message-source': 'deviceConnectionStateEvents' } },
    ],
    [
      'with a body that is none',
      { body: 'x', properties: { opType: 'updateTwin' }, systemProperties: system('twinChangeEvents') },
    ],
  ])('%s is nothing', (_what, event) => {
    expect(readEvent(event)).toBeUndefined()
  })
})
