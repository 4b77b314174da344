import { randomBytes } from 'node:crypto'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas#access-control-and-permissions */
export type Right = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect' | 'DeviceConnect'

export interface Policy {
  readonly name: PolicyName
  /** Base64. */
  readonly key: string
  readonly rights: ReadonlySet<Right>
}

/**
 * The policies of a new hub, and `serviceAndRegistryRead`, the one that the twin tutorials have people create:
 * changing twins needs ServiceConnect, querying them needs RegistryRead.
 */
const rightsOfPolicy = {
  iothubowner: ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect'],
  service: ['ServiceConnect'],
  device: ['DeviceConnect'],
  registryRead: ['RegistryRead'],
  registryReadWrite: ['RegistryRead', 'RegistryWrite'],
  serviceAndRegistryRead: ['ServiceConnect', 'RegistryRead'],
} as const satisfies Record<string, readonly Right[]>

export type PolicyName = keyof typeof rightsOfPolicy

export type Policies = ReadonlyMap<string, Policy>

export const policyNames = Object.keys(rightsOfPolicy) as readonly PolicyName[]

/** Policies with fresh keys. */
export function newPolicies(): Policies {
  return policiesWith({})
}

/** Policies with the keys of an earlier run, in base64 by policy; a policy that had none gets a fresh one. */
export function policiesWith(keys: Readonly<Partial<Record<string, string>>>): Policies {
  return new Map(policyNames.map((name) => [name, policyWith(name, keys[name] ?? newKey())]))
}

function newKey(): string {
  return randomBytes(32).toString('base64')
}

function policyWith(name: PolicyName, key: string): Policy {
  return { name, key, rights: new Set<Right>(rightsOfPolicy[name]) }
}
