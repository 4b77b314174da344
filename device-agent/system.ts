import { configuredReset } from './adapters/configured-reset.ts'
import { thisSystem, type SystemParts } from './adapters/system-parts.ts'
import type { IdentityPlan } from './connection-settings.ts'
import type { AgentOptions } from './options.ts'

/** The machine under the agent, with the factory reset that its settings describe. */
export function systemOf(options: AgentOptions): SystemParts {
  const system = thisSystem(options.helperSocket)
  const { stateFolder, connectionStringFile, connection } = options
  const identityFiles = [connectionStringFile, ...filesOf(connection.identity)]
  const reset = configuredReset(options.reset, { stateFolder, identityFiles, helper: system.helper })
  return { ...system, reset }
}

function filesOf(identity: IdentityPlan): string[] {
  const proof = identity.kind === 'provisioned' ? identity.proof : identity.certificate
  if (proof === undefined) return []
  return 'keyFile' in proof ? [proof.keyFile] : [proof.certificateFile, proof.privateKeyFile]
}
