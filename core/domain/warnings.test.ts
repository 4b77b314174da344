import { describe, expect, test } from 'vitest'
import type { Policy } from '../../contract/app/policy.ts'
import { blastRadius, warningsOf, type Plan, type Risked } from './warnings.ts'

const device: Risked = { group: undefined, keepsOnReset: undefined }
const plan: Plan = {
  kind: 'reboot',
  tier: { sku: 'S1', units: 1 },
  policy: undefined,
  devices: [device],
  groupSizes: new Map(),
  messages: 4,
  isUnpacedRestart: false,
  jobs: [],
}
const policy: Policy = {
  waves: [],
  gate: { soakMs: 0, needsApproval: false },
  offline: { mode: 'skip' },
}

const kinds = (more: Partial<Plan>): string[] => warningsOf({ ...plan, ...more }).map(({ kind }) => kind)
const many = (count: number, one: Risked = device): Risked[] => Array.from({ length: count }, () => one)

test('a reboot of one device warns of nothing', () => {
  expect(kinds({})).toEqual([])
})

describe('devices that stand in for each other', () => {
  const rack = (group: string): Risked => ({ ...device, group })
  const groupSizes = new Map([
    ['rack-1', 3],
    ['rack-2', 3],
    ['rack-3', 1],
  ])

  test('are named when all, or all but one, would be away at the same time', () => {
    const devices = [...many(3, rack('rack-1')), ...many(2, rack('rack-2')), rack('rack-3')]
    expect(warningsOf({ ...plan, devices, groupSizes })).toEqual([
      { kind: 'redundancy', value: 'rack-1', devices: 3, of: 3 },
      { kind: 'redundancy', value: 'rack-2', devices: 2, of: 3 },
    ])
  })

  test('are no matter when enough of them stay', () => {
    expect(kinds({ devices: [rack('rack-1')], groupSizes })).toEqual([])
  })

  test('are no matter when the waves take them one after the other', () => {
    const oneByOne: Policy = { ...policy, waves: [{ unit: 'devices', count: 1 }] }
    expect(kinds({ devices: many(3, rack('rack-1')), groupSizes, policy: oneByOne })).toEqual([])
  })

  test('are not listed without end', () => {
    const devices = Array.from({ length: 500 }, (_, index) => rack(`pair-${index % 250}`))
    const sizes = new Map(devices.map(({ group }) => [group ?? '', 2]))
    expect(kinds({ devices, groupSizes: sizes }).length).toBe(50)
  })
})

describe('devices that come back', () => {
  const tier = { sku: 'S1', units: 10 } as const
  const big = { kind: 'method', devices: many(5_000), tier, isUnpacedRestart: true } as const

  test('faster than the hub takes connections are a storm', () => {
    expect(warningsOf({ ...plan, ...big })).toEqual([
      { kind: 'reconnect-storm', devices: 5_000, perSecond: 120 },
    ])
  })

  test('are none when they leave slowly enough, or do not leave', () => {
    expect(kinds({ ...big, policy: { ...policy, mostPerMinute: 6_000 } })).toEqual([])
    expect(kinds({ ...big, tier: plan.tier })).toEqual([])
    expect(kinds({ ...big, isUnpacedRestart: false })).toEqual([])
  })
})

test("more messages than the hub's day has are said", () => {
  expect(warningsOf({ ...plan, messages: 400_001 })).toEqual([
    { kind: 'daily-quota', messages: 400_001, perDay: 400_000 },
  ])
})

describe('a factory reset', () => {
  test('says which devices will not come back by themselves', () => {
    const devices = [
      { ...device, keepsOnReset: ['identity', 'network'] },
      { ...device, keepsOnReset: ['network'] },
      device,
    ]
    expect(warningsOf({ ...plan, kind: 'factoryReset', devices })).toEqual([
      { kind: 'identity-wiped', devices: 1 },
    ])
    expect(kinds({ devices })).toEqual([])
  })

  test('is of at most ten devices, unless its policy says otherwise', () => {
    expect(blastRadius('factoryReset', undefined)).toBe(10)
    expect(blastRadius('factoryReset', { ...policy, mostDevices: 200 })).toBe(200)
    expect(blastRadius('reboot', undefined)).toBeUndefined()
    expect(kinds({ kind: 'factoryReset', devices: many(11) })).toEqual(['over-cap'])
  })
})
