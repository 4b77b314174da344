import type { ActionKind, ActionParameters, Verdict } from '../../../contract/app/action.ts'
import { directMethodRules } from './direct-method.ts'
import { methodVerdict, type Candidate, type KindRules } from './kind.ts'
import { rebootRules, rebootVerdict } from './reboot.ts'
import { patchVerdict, twinPatchRules } from './twin-patch.ts'

/** The rules of one action. Errors: `invalid-input` for parameters that cannot be sent. */
export function rulesFor(parameters: ActionParameters): KindRules {
  switch (parameters.kind) {
    case 'reboot':
      return rebootRules
    case 'method':
      return directMethodRules(parameters)
    case 'desired':
    case 'tags':
      return twinPatchRules(parameters)
  }
}

const verdicts: Readonly<Record<ActionKind, (candidate: Candidate) => Verdict>> = {
  reboot: rebootVerdict,
  method: methodVerdict,
  desired: patchVerdict,
  tags: patchVerdict,
}

/** Whether an action of this kind makes sense on a device, from what is known before anything is sent. */
export function verdictOf(kind: ActionKind, candidate: Candidate): Verdict {
  return verdicts[kind](candidate)
}
