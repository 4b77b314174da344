import type { WaveSize } from '../../contract/app/policy.ts'

/** One device first, then a tenth, then half, then the rest. */
export const carefulWaves: readonly WaveSize[] = [
  { unit: 'devices', count: 1 },
  { unit: 'percent', percent: 10 },
  { unit: 'percent', percent: 50 },
  { unit: 'percent', percent: 100 },
]

export const wavePresets = {
  careful: carefulWaves,
  canary: [
    { unit: 'devices', count: 1 },
    { unit: 'percent', percent: 100 },
  ],
  tenths: [{ unit: 'percent', percent: 10 }],
  once: [],
} as const satisfies Readonly<Record<string, readonly WaveSize[]>>
export type WavePreset = keyof typeof wavePresets

export const presetNames = Object.keys(wavePresets) as readonly WavePreset[]

export function presetOf(waves: readonly WaveSize[]): WavePreset | undefined {
  return presetNames.find((name) => JSON.stringify(wavePresets[name]) === JSON.stringify(waves))
}

/** More waves than anybody reads; the rest is counted by the application. */
const mostPlanned = 1_000

/** How many devices each wave has: the last size repeats until every device was asked. */
export function planWaves(total: number, waves: readonly WaveSize[]): readonly number[] {
  if (total === 0) return []
  const sizes: number[] = []
  let left = total
  while (left > 0 && sizes.length < mostPlanned) {
    const size = Math.min(left, sizeOf(waves[sizes.length] ?? waves.at(-1), total))
    sizes.push(size)
    left -= size
  }
  return sizes
}

function sizeOf(wave: WaveSize | undefined, total: number): number {
  if (!wave) return total
  return wave.unit === 'devices' ? wave.count : Math.ceil((total * wave.percent) / 100)
}
