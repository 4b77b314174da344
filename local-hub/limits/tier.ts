/** What is throttled. Devices and back end share the buckets of twins. */
export type Throttled =
  | 'directMethod'
  | 'twinRead'
  | 'twinUpdate'
  | 'query'
  | 'registry'
  | 'job'
  | 'connection'
  | 'telemetry'
  | 'cloudToDevice'
  /** Over HTTPS only, where a device asks for each message. */
  | 'cloudToDeviceReceive'

export const tierNames = ['F1', 'S1', 'S2', 'S3'] as const

export type TierName = (typeof tierNames)[number]

export interface Tier {
  readonly name: TierName
  readonly units: number
  /** How many seconds' worth of work passes at once before work is queued; the default is a minute. */
  readonly burstSeconds?: number
}

export interface TierLimits {
  /** Of a direct method, each 4 KB of the request are one. */
  readonly perSecond: Readonly<Record<Throttled, number>>
  readonly messagesPerDay: number
  /** What is billed as one message. */
  readonly blockBytes: number
  /** How many jobs may run at once. */
  readonly mostActiveJobs: number
  /** How many devices all jobs together turn to. */
  readonly jobDevicesPerSecond: number
}

/** Per second, of a hub with so many units. */
type Rate = (units: number) => number

interface Plan {
  readonly mostUnits: number
  readonly messagesPerUnit: number
  readonly blockBytes: number
  readonly mostActiveJobs: number
  readonly jobDevices: Rate
  readonly rates: Readonly<Record<Throttled, Rate>>
}

const perUnit =
  (perSecond: number): Rate =>
  (units) =>
    perSecond * units

const perHub =
  (perSecond: number): Rate =>
  () =>
    perSecond

const perUnitAtLeast =
  (floor: number, perSecond: number): Rate =>
  (units) =>
    Math.max(floor, perSecond * units)

const perMinute = (count: number): Rate => perUnit(count / 60)

/** Kilobytes a second, in blocks of 4 KB. */
const meteredKilobytes = (perSecond: number): Rate => perUnit(perSecond / 4)

const basicRates: Plan['rates'] = {
  directMethod: meteredKilobytes(160),
  twinRead: perHub(100),
  twinUpdate: perHub(50),
  query: perMinute(20),
  registry: perMinute(100),
  job: perMinute(100),
  connection: perUnitAtLeast(100, 12),
  telemetry: perUnitAtLeast(100, 12),
  cloudToDevice: perMinute(100),
  cloudToDeviceReceive: perMinute(1000),
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling#operation-throttles */
const plans: Readonly<Record<TierName, Plan>> = {
  F1: {
    mostUnits: 1,
    messagesPerUnit: 8_000,
    blockBytes: 512,
    mostActiveJobs: 1,
    jobDevices: perHub(10),
    rates: basicRates,
  },
  S1: {
    mostUnits: 200,
    messagesPerUnit: 400_000,
    blockBytes: 4096,
    mostActiveJobs: 1,
    jobDevices: perHub(10),
    rates: basicRates,
  },
  S2: {
    mostUnits: 200,
    messagesPerUnit: 6_000_000,
    blockBytes: 4096,
    mostActiveJobs: 5,
    jobDevices: perUnitAtLeast(10, 1),
    rates: {
      directMethod: meteredKilobytes(480),
      twinRead: perUnitAtLeast(100, 10),
      twinUpdate: perUnitAtLeast(50, 5),
      query: perMinute(20),
      registry: perMinute(100),
      job: perMinute(100),
      connection: perUnit(120),
      telemetry: perUnit(120),
      cloudToDevice: perMinute(100),
      cloudToDeviceReceive: perMinute(1000),
    },
  },
  S3: {
    mostUnits: 10,
    messagesPerUnit: 300_000_000,
    blockBytes: 4096,
    mostActiveJobs: 10,
    jobDevices: perUnit(50),
    rates: {
      directMethod: meteredKilobytes(24 * 1024),
      twinRead: perUnit(500),
      twinUpdate: perUnit(250),
      query: perMinute(1000),
      registry: perMinute(5000),
      job: perMinute(5000),
      connection: perUnit(6000),
      telemetry: perUnit(6000),
      cloudToDevice: perMinute(5000),
      cloudToDeviceReceive: perMinute(50_000),
    },
  },
}

/** Throws RangeError for a tier that nobody can buy. */
export function checkTier(tier: { name: string; units: number; burstSeconds?: number }): Tier {
  const name = tierNames.find((known) => known === tier.name)
  if (!name) throw new RangeError(`There is no tier '${tier.name}'; the tiers are ${tierNames.join(', ')}.`)
  const { mostUnits } = plans[name]
  if (!Number.isInteger(tier.units) || tier.units < 1 || tier.units > mostUnits) {
    throw new RangeError(`A hub of tier ${name} has 1 to ${mostUnits} units, not ${tier.units}.`)
  }
  const { burstSeconds } = tier
  if (burstSeconds !== undefined && !(burstSeconds >= 0 && burstSeconds <= 3600)) {
    throw new RangeError(`The burst should be 0 to 3600 seconds, not ${burstSeconds}.`)
  }
  return { name, units: tier.units, ...(burstSeconds !== undefined && { burstSeconds }) }
}

export function limitsOf({ name, units }: Tier): TierLimits {
  const { messagesPerUnit, blockBytes, mostActiveJobs, jobDevices, rates } = plans[name]
  const entries = Object.entries(rates).map(([throttled, rate]) => [throttled, rate(units)])
  return {
    perSecond: Object.fromEntries(entries) as TierLimits['perSecond'],
    messagesPerDay: messagesPerUnit * units,
    blockBytes,
    mostActiveJobs,
    jobDevicesPerSecond: jobDevices(units),
  }
}
