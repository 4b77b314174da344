/** How a family of devices names its methods and reports what it does; `docs/local-hub.md` describes each. */
export const dialectNames = [
  'agent',
  'tutorial',
  'sample',
  'java',
  'remoteMonitoring',
  'windows',
  'configuration',
] as const

export type DialectName = (typeof dialectNames)[number]

/** Shares of dialects; they need not add up to 100. */
export type DialectMix = Readonly<Partial<Record<DialectName, number>>>

/** The simulated devices to start with a hub. */
export type FleetSpec =
  /** Twenty-five devices, most of them with the real agent. */
  | { readonly name: 'demo' }
  /** Light devices, none of which misbehaves. */
  | { readonly count: number; readonly mix: DialectMix }
  | { readonly scenarioFile: string }

/** Ports and memory of one computer end here. */
export const mostDevices = 50_000

const everyAgent: DialectMix = { agent: 100 }

/** From an untrusted message. Throws TypeError naming what is wrong. */
export function parseFleetSpec(name: string, value: unknown): FleetSpec {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} should be an object.`)
  if ('scenarioFile' in value && typeof value.scenarioFile === 'string') {
    return { scenarioFile: value.scenarioFile }
  }
  if ('count' in value) {
    const mix = 'mix' in value ? value.mix : everyAgent
    return { count: checkCount(`${name}.count`, value.count), mix: checkMix(`${name}.mix`, mix) }
  }
  if ('name' in value && value.name === 'demo') return { name: value.name }
  throw new TypeError(`${name} should be the 'demo', a count, or a scenarioFile.`)
}

export interface FleetWords {
  readonly fleet: string | undefined
  readonly mix: string | undefined
  readonly scenario: string | undefined
}

/** From a command line. Throws RangeError worded for the person who typed. */
export function parseFleetWords({ fleet, mix, scenario }: FleetWords): FleetSpec | undefined {
  if (fleet !== undefined && scenario !== undefined) {
    throw new RangeError('--fleet and --scenario exclude each other.')
  }
  if (fleet !== undefined && fleet !== 'demo') {
    return { count: countOf(fleet), mix: mix === undefined ? everyAgent : mixOf(mix) }
  }
  if (mix !== undefined) throw new RangeError('--dialect-mix needs a --fleet with a number of devices.')
  if (scenario !== undefined) return { scenarioFile: scenario }
  return fleet && { name: fleet }
}

function countOf(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= mostDevices) return count
  throw new RangeError(`--fleet should be 'demo' or a number from 1 to ${mostDevices}, not '${text}'.`)
}

/** `agent=70,tutorial=30` */
function mixOf(text: string): DialectMix {
  const entries = text.split(',').map((part) => {
    const [, name = '', share = ''] = /^(\w+)=(\d{1,6})$/.exec(part) ?? []
    if (isDialect(name)) return [name, Number(share)] as const
    throw new RangeError(`--dialect-mix should be like agent=70,tutorial=30, not '${text}'. ${choices}`)
  })
  const mix: DialectMix = Object.fromEntries(entries)
  if (sumOf(mix) > 0) return mix
  throw new RangeError('--dialect-mix should have a share above 0.')
}

const choices = `The dialects are ${dialectNames.join(', ')}.`

function checkCount(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= mostDevices) return value
  throw new TypeError(`${name} should be a whole number from 1 to ${mostDevices}.`)
}

function checkMix(name: string, value: unknown): DialectMix {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} should be an object.`)
  for (const [dialect, share] of Object.entries(value)) {
    if (!isDialect(dialect)) throw new TypeError(`${name} has no dialect '${dialect}'. ${choices}`)
    if (typeof share !== 'number' || !(share >= 0))
      throw new TypeError(`${name}.${dialect} should be a share.`)
  }
  const mix: DialectMix = value
  if (sumOf(mix) > 0) return mix
  throw new TypeError(`${name} should have a share above 0.`)
}

function isDialect(name: string): name is DialectName {
  return (dialectNames as readonly string[]).includes(name)
}

function sumOf(mix: DialectMix): number {
  return Object.values(mix).reduce((sum, share) => sum + share, 0)
}
