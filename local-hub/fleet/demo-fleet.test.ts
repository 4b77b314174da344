import { expect, test } from 'vitest'
import { demoFleet } from './demo-fleet.ts'

const behaviours = demoFleet.map(({ behaviour }) => behaviour)
const agents = behaviours.filter((behaviour) => behaviour.type === 'agent')

test('the demo has 25 devices, no two with one id', () => {
  expect(new Set(demoFleet.map(({ deviceId }) => deviceId)).size).toBe(25)
})

test('each kind of device that the app must tell apart is there', () => {
  const returning = agents.filter(({ downMs }) => Number.isFinite(downMs))
  const tutorials = behaviours.filter(({ type }) => type === 'tutorial')
  const absent = behaviours.filter(({ type }) => type === 'absent')
  expect([returning.length, agents.length - returning.length, tutorials.length, absent.length]).toEqual([
    21, 1, 2, 1,
  ])
  expect(tutorials.map((device) => 'property' in device && device.property)).toEqual([
    'lastReboot',
    'startedRebootTime',
  ])
})

test('reboots take between two and six seconds, and firmware differs', () => {
  const downTimes = agents.map(({ downMs }) => downMs).filter(Number.isFinite)
  expect(Math.min(...downTimes)).toBeGreaterThanOrEqual(2_000)
  expect(Math.max(...downTimes)).toBeLessThanOrEqual(6_000)
  expect(new Set(downTimes).size).toBeGreaterThan(3)
  expect(new Set(agents.map(({ firmwareVersion }) => firmwareVersion)).size).toBeGreaterThan(3)
})

test('the devices are spread over three sites, and every tag says something', () => {
  expect(new Set(demoFleet.map(({ tags }) => tags.site)).size).toBe(3)
  for (const { deviceId, tags } of demoFleet) {
    expect(deviceId.startsWith(tags.kind)).toBe(true)
    expect(Object.values(tags)).not.toContain('')
  }
})

test('ids are legal at a hub, and one of them needs quoting everywhere', () => {
  for (const { deviceId } of demoFleet) expect(deviceId).toMatch(/^[A-Za-z0-9.%_*?!(),:=@$'-]{1,128}$/)
  expect(
    demoFleet.some(({ deviceId }) => ["'", '=', '(', '?', '%2f'].every((text) => deviceId.includes(text))),
  ).toBe(true)
})
