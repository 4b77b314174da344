import type { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readReported } from '../../contract/device/reported.ts'
import { demoFleet } from '../../local-hub/fleet/demo-fleet.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { invoke, openService, rowsOf, type Row, type Service } from '../conformance/support/service.ts'
import { localAgent } from '../conformance/support/target.ts'
import { request } from './support/field.ts'

let hub: HubProcess
let agent: Agent
let service: Service
beforeAll(async () => {
  hub = await startHubProcess({ fleet: { name: 'demo' } })
  agent = localAgent(hub)
  service = openService(hub.connectionString, agent)
  await eventually(connected, (devices) => devices.length === 24, 15_000)
})
afterAll(async () => {
  agent.destroy()
  await hub.stop()
})

const connected = () => rowsOf(service, "SELECT * FROM devices WHERE connectionState = 'Connected'")

async function twinOf(deviceId: string): Promise<{ connectionState: string; properties: { reported: Row } }> {
  const { responseBody } = await service.registry.getTwin(deviceId)
  return responseBody as unknown as { connectionState: string; properties: { reported: Row } }
}

const reportedOf = async (deviceId: string) => (await twinOf(deviceId)).properties.reported
const stateOf = async (deviceId: string) => (await twinOf(deviceId)).connectionState
const reboot = (deviceId: string, payload: unknown) => invoke(service, deviceId, { name: 'reboot', payload })

describe('the demo fleet', () => {
  test('is 25 devices over three sites, of which one is not there', async () => {
    const rows = await rowsOf(service, 'SELECT * FROM devices')
    expect(rows.map(({ deviceId }) => deviceId).sort()).toEqual(
      demoFleet.map(({ deviceId }) => deviceId).sort(),
    )
    expect(await stateOf('camera-0001')).toBe('Disconnected')
    expect(await rowsOf(service, "SELECT * FROM devices WHERE tags.site = 'oslo'")).toHaveLength(
      demoFleet.filter(({ tags }) => tags.site === 'oslo').length,
    )
  })

  test.each(['pump-0001', "lab'rig=(7)?1%2f"])(
    'has the real agent on %s, which proves its reboot',
    async (deviceId) => {
      const before = await eventually(
        async () => readReported(await reportedOf(deviceId)).agent,
        (who) => who !== undefined,
      )
      expect(await reboot(deviceId, request('action-1'))).toMatchObject({ status: 202 })
      const report = await eventually(
        async () => readReported(await reportedOf(deviceId)),
        ({ reboot: outcome }) => outcome?.actionId === 'action-1',
      )
      expect(report.reboot).toMatchObject({ status: 'completed', bootIdBefore: before?.bootId })
      expect(report.agent?.bootId).toBe(report.reboot?.bootIdAfter)
      expect(report.agent?.bootId).not.toBe(before?.bootId)
    },
  )

  test.each([
    ['meter-0001', 'lastReboot'],
    ['meter-0002', 'startedRebootTime'],
  ])(
    'has a device of the tutorial, %s, which reports %s, goes away and comes back',
    async (deviceId, property) => {
      expect(await reboot(deviceId, null)).toEqual({ status: 200, payload: 'Reboot started' })
      await eventually(
        () => stateOf(deviceId),
        (state) => state === 'Disconnected',
      )
      const { iothubDM } = (await reportedOf(deviceId)) as { iothubDM: { reboot: Row } }
      expect(Object.keys(iothubDM.reboot)).toEqual([property])
      expect(Date.parse(String(iothubDM.reboot[property]))).not.toBeNaN()
      await eventually(
        () => stateOf(deviceId),
        (state) => state === 'Connected',
      )
      expect(readReported(await reportedOf(deviceId))).toEqual({})
    },
  )

  test('has a device that accepts and never returns', async () => {
    expect(await reboot('camera-0002', request('action-1'))).toMatchObject({ status: 202 })
    await eventually(
      () => stateOf('camera-0002'),
      (state) => state === 'Disconnected',
    )
    expect(readReported(await reportedOf('camera-0002')).reboot).toBeUndefined()
  })
})
