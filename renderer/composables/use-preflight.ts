import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { Engine } from '../../contract/app/action.ts'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import type { Policy } from '../../contract/app/policy.ts'
import type { Preflight } from '../../contract/app/preflight.ts'
import { preflightKey } from '../model/draft-parameters.ts'
import { isCancelled, toProblem, type ShownProblem } from '../model/problem.ts'
import { useActions } from '../stores/actions.ts'
import type { CommandRequest } from '../stores/navigation.ts'

export interface PreflightQuestion {
  readonly request: CommandRequest
  readonly parameters: () => ActionParameters
  readonly policy: () => Policy | undefined
  readonly engine: () => Engine | undefined
  /** Where to tell why there is no answer. */
  readonly problem: Ref<ShownProblem | undefined>
}

/** A fleet's ids are much to send with each key that is pressed. */
const pauseMs = 300

/** What would happen to each device: asked at once, and again when what it depends on has changed. */
export function usePreflight({ request, parameters, policy, engine, problem }: PreflightQuestion) {
  const actions = useActions()
  const preflight = shallowRef<Preflight>()
  const isChecking = ref(false)
  let asked = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function check(): Promise<void> {
    asked.abort()
    const mine = new AbortController()
    asked = mine
    isChecking.value = true
    problem.value = undefined
    try {
      const found = await actions.preflight(question(), mine.signal)
      if (asked === mine) preflight.value = found
    } catch (error) {
      if (asked === mine && !isCancelled(error)) problem.value = toProblem(error)
    } finally {
      if (asked === mine) isChecking.value = false
    }
  }

  function question() {
    const given = policy()
    const by = engine()
    const { hubId, deviceIds } = request
    return {
      hubId,
      deviceIds: [...deviceIds],
      parameters: parameters(),
      ...(given ? { policy: given } : {}),
      ...(by ? { engine: by } : {}),
    }
  }

  watch(
    () => `${preflightKey(parameters(), policy())} ${engine()}`,
    () => {
      isChecking.value = true
      clearTimeout(timer)
      timer = setTimeout(() => void check(), pauseMs)
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    asked.abort()
  })

  void check()
  return { preflight, isChecking, check }
}
