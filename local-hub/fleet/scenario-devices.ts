import type { FleetDevice } from './fleet-device.ts'
import { dialects } from './light/dialects.ts'
import type { DeviceFault } from './light/faults.ts'
import type { LightKind } from './light/light-device.ts'
import { countsOf } from './scenario.ts'
import type { Scenario, ScenarioGroup } from './scenario.ts'
import { seededRandom } from './seeded-random.ts'
import type { Random } from './seeded-random.ts'

/** The devices of a scenario; the same scenario gives the same ones. */
export function devicesOf({ seed, groups }: Scenario): readonly FleetDevice[] {
  const random = seededRandom(seed)
  return groups.flatMap((group) => devicesOfGroup(group, random))
}

function devicesOfGroup(group: ScenarioGroup, random: Random): readonly FleetDevice[] {
  const digits = Math.max(4, String(group.count).length)
  const faults = faultsOf(group, random)
  const kind = kindOf(group)
  return Array.from({ length: group.count }, (_, index) => ({
    deviceId: `${group.namePrefix}${String(index + 1).padStart(digits, '0')}`,
    tags: { ...group.tags, ...turnOf(group.spread, index) },
    behaviour: behaviourOf(group, { kind, fault: faults[index], random }),
  }))
}

function behaviourOf(
  { dialect, firmwareVersion, downSeconds: [least, most] }: ScenarioGroup,
  { kind, fault, random }: { kind: LightKind | undefined; fault: DeviceFault | undefined; random: Random },
): FleetDevice['behaviour'] {
  if (fault === 'offline') return { type: 'absent' }
  if (kind && dialect !== 'realAgent') return { type: 'light', dialect, kind, fault }
  const downMs = fault === 'neverReturns' ? Infinity : (least + random() * (most - least)) * 1000
  return { type: 'agent', firmwareVersion, downMs }
}

/** `undefined` for the real agent, which knows by itself what to do. */
function kindOf({ dialect, ...group }: ScenarioGroup): LightKind | undefined {
  if (dialect === 'realAgent') return undefined
  const [least, most] = group.downSeconds
  return {
    dialect: dialects[dialect],
    downMs: [least * 1000, most * 1000],
    phaseMs: group.phaseSeconds * 1000,
    firmwareVersion: group.firmwareVersion,
  }
}

/** As many of each fault as its share says, scattered over the group. */
function faultsOf({ count, faults }: ScenarioGroup, random: Random): readonly (DeviceFault | undefined)[] {
  const shares = Object.entries(faults) as [DeviceFault, number][]
  const healthy = 1 - shares.reduce((sum, [, share]) => sum + share, 0)
  const counts = countsOf(count, [...shares.map(([, share]) => share), Math.max(0, healthy)])
  const dealt = [...shares.map(([fault]) => fault), undefined].flatMap((fault, index) =>
    Array.from({ length: counts[index] ?? 0 }, () => fault),
  )
  return shuffled(dealt, random)
}

/** Fisher and Yates. */
function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  const cards = [...values]
  for (let last = cards.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    ;[cards[last], cards[other]] = [cards[other] as Value, cards[last] as Value]
  }
  return cards
}

function turnOf(spread: ScenarioGroup['spread'], index: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spread).map(([name, values]) => [name, values[index % values.length]]),
  )
}
