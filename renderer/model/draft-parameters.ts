import { ActionId } from '../../contract/app/ids.ts'
import type { ActionKind, ActionParameters } from '../../contract/app/parameters.ts'
import type { Policy } from '../../contract/app/policy.ts'

/** The least that each kind can ask: which devices are ready is shown before the form is complete. */
export const draftParameters: Readonly<Record<ActionKind, ActionParameters>> = {
  reboot: { kind: 'reboot' },
  factoryReset: { kind: 'factoryReset' },
  firmwareUpdate: { kind: 'firmwareUpdate', fwVersion: '?', fwPackageUri: 'https://package.invalid/' },
  method: { kind: 'method', methodName: 'method', payload: '', responseTimeoutMs: 30_000 },
  desired: { kind: 'desired', patch: '{"draft":null}' },
  tags: { kind: 'tags', patch: '{"draft":null}' },
  restore: { kind: 'restore', resetId: ActionId.parse('draft') },
}

/** Azure bills what is sent in pieces of this many bytes. */
const billedBytes = 4_096

/** What a pre-flight depends on: while it stays the same, the answer stays too. */
export function preflightKey(parameters: ActionParameters, policy: Policy | undefined): string {
  return JSON.stringify([parameters.kind, versionOf(parameters), billedPieces(parameters), policy])
}

function versionOf(parameters: ActionParameters): string {
  return parameters.kind === 'firmwareUpdate' ? parameters.fwVersion : ''
}

function billedPieces(parameters: ActionParameters): number {
  return Math.max(1, Math.ceil(new TextEncoder().encode(contentOf(parameters)).length / billedBytes))
}

function contentOf(parameters: ActionParameters): string {
  switch (parameters.kind) {
    case 'reboot':
    case 'factoryReset':
    case 'restore':
      return ''
    case 'firmwareUpdate':
      return parameters.release ?? ''
    case 'method':
      return parameters.payload
    case 'desired':
    case 'tags':
      return parameters.patch
  }
}
