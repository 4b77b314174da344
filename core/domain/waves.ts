import type { WaveSize } from '../../contract/app/policy.ts'

/** The waves of an action over so many targets, as the number of targets up to and with each wave. */
export type Waves = readonly number[]

/** The last size repeats until every device has its wave; no size at all is one wave of everybody. */
export function planWaves(sizes: readonly WaveSize[], total: number): Waves {
  const ends: number[] = []
  let asked = 0
  for (let wave = 0; asked < total; wave += 1) {
    const size = sizes[Math.min(wave, sizes.length - 1)]
    asked = Math.min(total, asked + (size ? devicesOf(size, total) : total))
    ends.push(asked)
  }
  return ends
}

function devicesOf(size: WaveSize, total: number): number {
  return size.unit === 'devices' ? size.count : Math.max(1, Math.ceil((total * size.percent) / 100))
}

/** To which wave, from 1, the target of that number belongs. */
export function waveOf(waves: Waves, number: number): number {
  let low = 0
  let high = waves.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((waves[middle] ?? 0) > number) high = middle
    else low = middle + 1
  }
  return low + 1
}

/** The targets of a wave, from 1, as the number of the first and of the one after the last. */
export function rangeOf(waves: Waves, wave: number): { readonly from: number; readonly to: number } {
  return { from: waves[wave - 2] ?? 0, to: waves[wave - 1] ?? waves.at(-1) ?? 0 }
}
