import type { ActionParameters } from '../../../contract/app/parameters.ts'
import type { Verdict } from '../../../contract/app/preflight.ts'
import type { HubRequest } from '../hub-request.ts'
import { planRestoration, type Restoration, type TwinContent } from '../restoration.ts'
import type { TargetEvent } from '../target.ts'
import type { Candidate, Following, Judgement, KindRules, Restoring, Sighting } from './kind.ts'
import { judgePatchAnswer } from './twin-patch.ts'

type RestoreParameters = Extract<ActionParameters, { kind: 'restore' }>

/**
 * Puts back what the journal has kept of a twin from before a factory reset: what is gone, and what is another value
 * now. What was added since stays, and reported properties are the device's own. It is written under the etag that the
 * person has seen, so that nothing is overwritten which nobody was shown.
 */
export function restoreRules({ resetId }: RestoreParameters): KindRules {
  return {
    needsTwinFirst: () => true,
    keepsTwin: true,
    restores: resetId,
    request: ({ restoring }) => restoring?.request,
    judgeFirst,
    judgeAnswer: judgePatchAnswer,
    twin: {
      // Under the same etag a patch that was stored already is refused, so asking twice writes once.
      canAskAgain: ({ restoring }) => restoring?.request !== undefined,
      judge,
      judgeDeadline: () => ({ name: 'lose', reason: { code: 'no-answer' } }),
    },
  }
}

/** A twin that has just been read, and what the person was shown of it. */
export interface SeenTwin {
  readonly twin: TwinContent & { readonly etag: string }
  readonly seenEtag: string | undefined
}

/** What is to be written to a twin so that it has again what was kept of it. */
export function planRestoring(kept: TwinContent, { twin, seenEtag }: SeenTwin): Restoring {
  const { sections, values } = planRestoration(kept, twin)
  const isAsSeen = twin.etag === seenEtag
  if (values.length === 0) return { kept, isAsSeen, request: undefined }
  const request: HubRequest = { type: 'patch', sections, etag: twin.etag }
  return { kept, isAsSeen, request }
}

export function restoreVerdict({ row, isBusy, restoration }: Candidate): Verdict {
  if (!row) return 'missing'
  if (isBusy) return 'busy'
  if (!restoration) return 'no-snapshot'
  if (restoration.values.length === 0) return 'already-done'
  return isOverwriting(restoration) ? 'changed-since' : 'ready'
}

/** Somebody has written another value since; putting the old one back undoes that. */
export function isOverwriting({ values }: Restoration): boolean {
  return values.some(({ present }) => present !== undefined)
}

function judgeFirst({ restoring }: Following): TargetEvent | undefined {
  if (!restoring) return { name: 'fail', reason: { code: 'no-snapshot' } }
  if (!restoring.request) return { name: 'skip', reason: { code: 'already-done' } }
  return restoring.isAsSeen ? undefined : { name: 'fail', reason: { code: 'changed-meanwhile' } }
}

/** Whoever has written it: a twin that has all of it again needs no more. */
function judge(following: Following, sighting: Sighting): Judgement {
  const { version, readAt } = sighting
  const kept = following.restoring?.kept
  if (!kept || planRestoration(kept, sighting).values.length > 0) return { following, event: undefined }
  return { following, event: { name: 'succeed', evidence: { kind: 'twin', version, readAt } } }
}
