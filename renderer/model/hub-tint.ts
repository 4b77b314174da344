import type { HubProfile } from '../../contract/app/hub.ts'

/** How a hub colours the bar. Production is told apart by more than a shade: it has a word as well. */
export interface HubTint {
  readonly kind: 'local' | 'production' | 'azure'
  /** In degrees. */
  readonly hue: number
}

/** Hues that are neither the red of production nor the teal of the local hub. */
const azureHues = [215, 245, 275, 300, 325, 60, 90] as const
const localHue = 178
const productionHue = 6

export function hubTint({ kind, name, hostName, hubId }: HubProfile): HubTint {
  if (kind === 'local') return { kind, hue: localHue }
  if (isProduction(name) || isProduction(hostName)) return { kind: 'production', hue: productionHue }
  return { kind, hue: azureHues[hash(hubId) % azureHues.length] ?? azureHues[0] }
}

function isProduction(name: string): boolean {
  return /(^|[^a-z])(prod|production|live)([^a-z]|$)|운영/i.test(name)
}

function hash(text: string): number {
  let value = 0
  for (const character of text) value = (Math.imul(value, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return value
}
