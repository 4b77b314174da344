import type { FleetDevice } from './fleet-device.ts'

interface DemoDevice extends FleetDevice {
  readonly tags: { readonly site: string; readonly kind: string; readonly rack: string }
}

const places = ['busan/B1', 'rotterdam/R2', 'oslo/O3', 'busan/B2', 'rotterdam/R1', 'oslo/O1'] as const
const firmwareVersions = ['2.3.0', '2.4.1', '2.4.1', '2.5.0-rc.2'] as const

/** Twenty-five devices over three sites; every run of the demo has the same ones. */
export const demoFleet: readonly DemoDevice[] = [
  ...series('pump', 8),
  ...series('valve', 6),
  ...series('gateway', 6),
  // Every character here is legal in a device id, and each has broken a tool: quotes, parentheses, escapes.
  at('oslo/O9', "lab'rig=(7)?1%2f", { type: 'agent', firmwareVersion: '3.0.0-dev', downMs: 2_500 }),
  at('busan/B4', 'meter-0001', { type: 'tutorial', property: 'lastReboot', downMs: 4_000 }),
  at('rotterdam/R4', 'meter-0002', { type: 'tutorial', property: 'startedRebootTime', downMs: 3_000 }),
  at('rotterdam/R7', 'camera-0001', { type: 'absent' }),
  at('oslo/O7', 'camera-0002', { type: 'agent', firmwareVersion: '1.9.4', downMs: Infinity }),
]

/** Agents whose reboots take between two and six seconds, no two neighbours alike. */
function series(kind: string, count: number): DemoDevice[] {
  return Array.from({ length: count }, (_, index) =>
    at(places[index % places.length] ?? places[0], `${kind}-${String(index + 1).padStart(4, '0')}`, {
      type: 'agent',
      firmwareVersion: firmwareVersions[index % firmwareVersions.length] ?? firmwareVersions[0],
      downMs: 2_000 + ((index * 1_700) % 4_000),
    }),
  )
}

function at(place: `${string}/${string}`, deviceId: string, behaviour: FleetDevice['behaviour']): DemoDevice {
  const [site = '', rack = ''] = place.split('/')
  const kind = /^[a-z]+/.exec(deviceId)?.[0] ?? 'device'
  return { deviceId, tags: { site, kind, rack }, behaviour }
}
