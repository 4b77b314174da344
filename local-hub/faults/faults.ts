import { seededRandom } from '../fleet/seeded-random.ts'
import type { Random } from '../fleet/seeded-random.ts'
import { serviceOperations } from '../limits/operation.ts'
import type { AmqpOperation, DeviceOperation, ServiceOperation } from '../limits/operation.ts'
import type { FaultEffect, FaultPlan, FaultRule } from './fault-plan.ts'
import { matchesPattern } from './pattern.ts'

/** What rules look at. */
export interface FaultTarget {
  readonly operation: ServiceOperation | AmqpOperation | DeviceOperation
  readonly deviceId: string | undefined
  readonly methodName: string | undefined
}

export interface FaultCount {
  readonly rule: FaultRule
  readonly hits: number
}

interface ActiveRule {
  readonly rule: FaultRule
  readonly random: Random
  hits: number
}

/** Which requests go wrong, and how. */
export class Faults {
  #active: readonly ActiveRule[] = []

  constructor(plan: FaultPlan = { seed: 1, rules: [] }) {
    this.replace(plan)
  }

  /** True when no request can go wrong any more. */
  get isEmpty(): boolean {
    return this.#active.every(isUsedUp)
  }

  /** Forgets the rules so far, and what they hit. */
  replace({ seed, rules }: FaultPlan): void {
    // A stream for each rule: what one hits is the same whatever the others are.
    this.#active = rules.map((rule, index) => ({ rule, random: seededRandom(seed + index * 7919), hits: 0 }))
  }

  /** The effect of the first rule that hits; the diagnostics are never hit, for they switch the faults off. */
  choose(target: FaultTarget): FaultEffect | undefined {
    if (target.operation === 'diagnostics') return undefined
    const hit = this.#active.find((active) => isHit(active, target))
    if (!hit) return undefined
    hit.hits += 1
    return hit.rule.effect
  }

  counts(): readonly FaultCount[] {
    return this.#active.map(({ rule, hits }) => ({ rule, hits }))
  }
}

function isHit(active: ActiveRule, target: FaultTarget): boolean {
  if (isUsedUp(active) || !isFor(active.rule, target)) return false
  return active.random() < active.rule.rate
}

function isUsedUp({ rule, hits }: ActiveRule): boolean {
  return rule.count !== undefined && hits >= rule.count
}

function isFor({ operation, device, method }: FaultRule, target: FaultTarget): boolean {
  return (
    (operation === undefined ? isOfService(target) : operation === target.operation) &&
    isLike(device, target.deviceId) &&
    isLike(method, target.methodName)
  )
}

function isOfService({ operation }: FaultTarget): boolean {
  return serviceOperations.some((name) => name === operation)
}

function isLike(pattern: string | undefined, text: string | undefined): boolean {
  return pattern === undefined || (text !== undefined && matchesPattern(pattern, text))
}
