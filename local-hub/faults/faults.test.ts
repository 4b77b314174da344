import { describe, expect, test } from 'vitest'
import { deviceOperations, serviceOperations } from '../limits/operation.ts'
import { parseFaultPlan } from './fault-plan.ts'
import type { WrittenFaultPlan } from './fault-plan.ts'
import { Faults } from './faults.ts'
import type { FaultTarget } from './faults.ts'

type WrittenRule = WrittenFaultPlan['rules'][number]

const faultsOf = (rules: readonly WrittenRule[], seed = 1) =>
  new Faults(parseFaultPlan({ seed, rules: [...rules] }))
const rebootOf = (deviceId: string): FaultTarget => ({
  operation: 'directMethod',
  deviceId,
  methodName: 'reboot',
})
const query: FaultTarget = { operation: 'query', deviceId: undefined, methodName: undefined }
const effect = { kind: 'silence' } as const

describe('faults', () => {
  test('nothing goes wrong without rules', () => {
    const faults = new Faults()
    expect([faults.isEmpty, faults.choose(query)]).toEqual([true, undefined])
  })

  test('a rule without conditions hits every operation of the service side but the diagnostics', () => {
    const faults = faultsOf([{ effect }])
    const all = [...serviceOperations, ...deviceOperations]
    const hit = all.filter((operation) => faults.choose({ ...query, operation }))
    expect(hit).toEqual(serviceOperations.filter((operation) => operation !== 'diagnostics'))
  })

  test('a rule for an operation of devices hits that one only', () => {
    const faults = faultsOf([{ operation: 'connection', device: 'pump-*', effect }])
    const connection = { operation: 'connection', deviceId: 'pump-1', methodName: undefined } as const
    expect(faults.choose(connection)).toEqual(effect)
    expect(faults.choose({ ...connection, deviceId: 'fan-1' })).toBeUndefined()
    expect(faults.choose({ ...connection, operation: 'telemetry' })).toBeUndefined()
    expect(faults.choose(query)).toBeUndefined()
  })

  test('a rule hits the operation, the devices and the method that it names', () => {
    const faults = faultsOf([{ operation: 'directMethod', device: 'pump-*', method: 're*', effect }])
    expect(faults.choose(rebootOf('pump-1'))).toEqual(effect)
    expect(faults.choose(rebootOf('fan-1'))).toBeUndefined()
    expect(faults.choose({ ...rebootOf('pump-1'), methodName: 'update' })).toBeUndefined()
    expect(faults.choose({ ...rebootOf('pump-1'), operation: 'twinRead' })).toBeUndefined()
    expect(faults.choose(query)).toBeUndefined()
  })

  test('a rule with a device is not for requests without one', () => {
    expect(faultsOf([{ device: '*', effect }]).choose(query)).toBeUndefined()
  })

  test('the first rule that hits decides', () => {
    const faults = faultsOf([
      { operation: 'query', count: 1, effect: { kind: 'reset' } },
      { operation: 'query', effect },
    ])
    expect([faults.choose(query), faults.choose(query)]).toEqual([{ kind: 'reset' }, effect])
  })

  test('a rule is used up after its count, and says so', () => {
    const faults = faultsOf([{ count: 2, effect }])
    expect([1, 2, 3].map(() => faults.choose(query) !== undefined)).toEqual([true, true, false])
    expect(faults.isEmpty).toBe(true)
    expect(faults.counts()).toMatchObject([{ hits: 2 }])
  })

  const hitsOf = (faults: Faults, count: number) =>
    Array.from({ length: count }, (_, index) => (faults.choose(rebootOf(`d${index}`)) ? index : -1)).filter(
      (index) => index >= 0,
    )

  test('a rate hits that part of the requests', () => {
    const { length } = hitsOf(faultsOf([{ rate: 0.2, effect }]), 10_000)
    expect(length).toBeGreaterThan(1_800)
    expect(length).toBeLessThan(2_200)
  })

  test('the same seed hits the same requests, another seed hits others', () => {
    const run = (seed: number) => hitsOf(faultsOf([{ rate: 0.3, effect }], seed), 200)
    expect(run(5)).toEqual(run(5))
    expect(run(5)).not.toEqual(run(6))
  })

  test('requests that a rule is not for do not change what it hits', () => {
    const rules = [{ operation: 'directMethod', rate: 0.3, effect }] as const
    const [quiet, busy] = [faultsOf(rules), faultsOf(rules)]
    for (let call = 0; call < 100; call += 1) busy.choose(query)
    expect(hitsOf(busy, 100)).toEqual(hitsOf(quiet, 100))
  })

  test('a new plan begins anew', () => {
    const faults = faultsOf([{ effect }])
    faults.choose(query)
    faults.replace(parseFaultPlan({ rules: [{ count: 1, effect }] }))
    expect(faults.counts()).toMatchObject([{ hits: 0, rule: { count: 1 } }])
  })
})
