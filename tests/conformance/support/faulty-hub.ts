import type { WrittenFaultPlan } from '../../../local-hub/faults/fault-plan.ts'
import { askHub, diagnosticsOf } from './diagnostics.ts'
import { openLocalHub } from './local-hub.ts'
import type { LocalScene } from './local-hub.ts'

export type Rule = WrittenFaultPlan['rules'][number]

/** A local hub whose plan of faults changes while it runs. */
export interface FaultyHub extends LocalScene {
  /** Takes the place of the plan so far; no rule means that nothing goes wrong any more. */
  plan(...rules: readonly Rule[]): Promise<void>
  /** How often each rule of the plan has hit. */
  readonly hits: () => Promise<readonly number[]>
}

export async function openFaultyHub(): Promise<FaultyHub> {
  const scene = await openLocalHub()
  return {
    ...scene,
    async plan(...rules) {
      const body = JSON.stringify({ rules })
      const answer = await askHub(scene.local, { method: 'PUT', path: '/$drover/faults', body })
      if (answer.status !== 200) throw new Error(`The plan was refused: ${answer.body}`)
    },
    async hits() {
      const { faults } = await diagnosticsOf(scene.local)
      return faults.map((fault) => (fault as { hits: number }).hits)
    },
  }
}
