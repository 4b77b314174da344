import { createHubCertificate } from '../security/certificates.ts'
import type { HubCertificate } from '../security/certificates.ts'
import { checkHostName } from '../security/host-name.ts'
import { newPolicies, policiesWith } from '../security/policies.ts'
import type { Policies } from '../security/policies.ts'
import { DataFolderUnusable } from './data-folder-unusable.ts'

/** What clients know a hub by: as long as it stays, their connection strings and their trust in the CA do. */
export interface HubIdentity {
  readonly hostName: string
  readonly policies: Policies
  readonly certificate: HubCertificate
}

/** The same as plain JSON. */
export interface KeptIdentity {
  readonly hostName: string
  /** Base64, by policy. */
  readonly policyKeys: Readonly<Record<string, string>>
  readonly certificate: HubCertificate
}

const usualHostName = 'drover-local.azure-devices.local'

/** Throws RangeError for a host name that is refused. */
export async function newIdentity(hostName = usualHostName): Promise<HubIdentity> {
  const name = checkHostName(hostName)
  return { hostName: name, policies: newPolicies(), certificate: await createHubCertificate(name) }
}

export function keptIdentity({ hostName, policies, certificate }: HubIdentity): KeptIdentity {
  const policyKeys = Object.fromEntries([...policies.values()].map(({ name, key }) => [name, key]))
  return { hostName, policyKeys, certificate }
}

/** Throws DataFolderUnusable when another host name is wanted: the certificate is for the one that is kept. */
export function identityOf(kept: KeptIdentity, hostName: string | undefined): HubIdentity {
  if (hostName !== undefined && checkHostName(hostName) !== kept.hostName) {
    throw new DataFolderUnusable(
      `The folder holds the hub ${kept.hostName}. Leave the host name out, or choose another folder.`,
    )
  }
  return { ...kept, policies: policiesWith(kept.policyKeys) }
}
