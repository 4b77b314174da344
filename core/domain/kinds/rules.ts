import type { ActionParameters } from '../../../contract/app/parameters.ts'
import type { Verdict } from '../../../contract/app/preflight.ts'
import { directMethodRules } from './direct-method.ts'
import { factoryResetRules, factoryResetVerdict } from './factory-reset.ts'
import { firmwareUpdateRules, firmwareVerdict } from './firmware-update.ts'
import { methodVerdict, type Candidate, type KindRules } from './kind.ts'
import { rebootRules, rebootVerdict } from './reboot.ts'
import { restoreRules, restoreVerdict } from './restore.ts'
import { patchVerdict, twinPatchRules } from './twin-patch.ts'

/** The rules of one action. Errors: `invalid-input` for parameters that cannot be sent. */
export function rulesFor(parameters: ActionParameters): KindRules {
  switch (parameters.kind) {
    case 'reboot':
      return rebootRules
    case 'factoryReset':
      return factoryResetRules
    case 'firmwareUpdate':
      return firmwareUpdateRules(parameters)
    case 'method':
      return directMethodRules(parameters)
    case 'desired':
    case 'tags':
      return twinPatchRules(parameters)
    case 'restore':
      return restoreRules(parameters)
  }
}

/** Whether an action makes sense on a device, from what is known before anything is sent. */
export function verdictOf(parameters: ActionParameters, candidate: Candidate): Verdict {
  switch (parameters.kind) {
    case 'reboot':
      return rebootVerdict(candidate)
    case 'factoryReset':
      return factoryResetVerdict(candidate)
    case 'firmwareUpdate':
      return firmwareVerdict(candidate, parameters)
    case 'method':
      return methodVerdict(candidate)
    case 'desired':
    case 'tags':
      return patchVerdict(candidate)
    case 'restore':
      return restoreVerdict(candidate)
  }
}
