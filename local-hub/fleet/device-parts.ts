import type { Random } from './seeded-random.ts'

/** What a simulated device needs to live. */
export interface DeviceParts {
  readonly connectionString: string
  /** PEM of the authority of the hub. */
  readonly caCertificate: string
  readonly random: Random
  readonly log: (event: string, fields?: Readonly<Record<string, string | number | boolean>>) => void
}
