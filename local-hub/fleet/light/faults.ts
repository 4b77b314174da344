import type { Call, LightDialect, Reaction, Step } from './script.ts'

/** What can be wrong with a device. */
export const deviceFaults = [
  /** Registered, and never seen. */
  'offline',
  /** Takes every method, and never answers. */
  'silent',
  /** Answers no. */
  'refuses',
  /** Says yes, restarts, and stays away. */
  'neverReturns',
  /** Says yes and all that follows, and never restarts: the boot id stays. */
  'lies',
  /** Ten times as slow as the others. */
  'slow',
  /** Answers and reports everything twice. */
  'duplicates',
  /** Loses its connection every few seconds. */
  'flaps',
  /** An update of its firmware fails on the way, or does not survive the first boot. */
  'failsDownload',
  'rollsBack',
] as const

export type DeviceFault = (typeof deviceFaults)[number]

/** What a device of this kind does when it is asked; an empty list of answers is silence. */
export interface FaultyReaction extends Pick<Reaction, 'script' | 'work'> {
  readonly answers: readonly Reaction['answer'][]
}

const slowness = 10

export function reactWith(dialect: LightDialect, fault: DeviceFault | undefined, call: Call): FaultyReaction {
  if (fault === 'silent') return { answers: [], script: [] }
  if (fault === 'refuses') return { answers: [dialect.refuse(call)], script: [] }
  const reaction = dialect.react(callWith(fault, call))
  if (!reaction) return { answers: [], script: [] }
  const { answer, script, work } = reaction
  return {
    answers: fault === 'duplicates' ? [answer, answer] : [answer],
    script: scriptWith(fault, script),
    ...(work && { work }),
  }
}

export function callWith(fault: DeviceFault | undefined, call: Call): Call {
  return fault === 'failsDownload' || fault === 'rollsBack' ? { ...call, firmware: fault } : call
}

export function scriptWith(fault: DeviceFault | undefined, script: readonly Step[]): readonly Step[] {
  return script.flatMap((step) => stepsWith(fault, step))
}

function stepsWith(fault: DeviceFault | undefined, step: Step): readonly Step[] {
  switch (fault) {
    case 'neverReturns':
      return [step.kind === 'restart' ? { ...step, downMs: Infinity } : step]
    case 'lies':
      return step.kind === 'restart' ? [{ kind: 'wait', ms: step.downMs }] : [step]
    case 'slow':
      return [slower(step)]
    case 'duplicates':
      return step.kind === 'report' ? [step, step] : [step]
    default:
      return [step]
  }
}

function slower(step: Step): Step {
  if (step.kind === 'wait') return { ...step, ms: step.ms * slowness }
  return step.kind === 'restart' ? { ...step, downMs: step.downMs * slowness } : step
}
