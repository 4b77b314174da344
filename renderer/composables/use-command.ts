import { computed, onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import type { ActionParameters, Preflight, Verdict } from '../../contract/app/action.ts'
import { isCancelled, toProblem, type ShownProblem } from '../model/problem.ts'
import { devicesToSend, groupByVerdict } from '../model/preflight-plan.ts'
import { useActions } from '../stores/actions.ts'
import { useNavigation, type CommandRequest } from '../stores/navigation.ts'

/** What a person has asked for in a dialog, once it is complete. */
export interface Asking {
  readonly parameters: ActionParameters
  readonly deadlineMs: number
}

/** From the question "what would happen to each device" to the started action. */
export function useCommand(request: CommandRequest) {
  const actions = useActions()
  const navigation = useNavigation()
  const problem = shallowRef<ShownProblem>()
  const { preflight, check } = usePreflight(request, problem)
  const { groups, excluded, sending, toggle } = useChoice(preflight)
  const isStarting = ref(false)

  /** True when the action is in the journal. */
  async function start(asking: Asking): Promise<boolean> {
    if (isStarting.value || sending.value.length === 0) return false
    isStarting.value = true
    problem.value = undefined
    try {
      const { actionId } = await actions.start({
        ...asking,
        hubId: request.hubId,
        deviceIds: [...sending.value],
      })
      navigation.showAction(actionId)
      return true
    } catch (error) {
      problem.value = toProblem(error)
      return false
    } finally {
      isStarting.value = false
    }
  }

  return { preflight, groups, excluded, sending, isStarting, problem, check, start, toggle }
}

function usePreflight({ hubId, kind, deviceIds }: CommandRequest, problem: Ref<ShownProblem | undefined>) {
  const actions = useActions()
  const preflight = shallowRef<Preflight>()
  const leaving = new AbortController()
  onScopeDispose(() => {
    leaving.abort()
  })

  async function check(): Promise<void> {
    problem.value = undefined
    try {
      preflight.value = await actions.preflight({ hubId, kind, deviceIds: [...deviceIds] }, leaving.signal)
    } catch (error) {
      if (!isCancelled(error)) problem.value = toProblem(error)
    }
  }

  void check()
  return { preflight, check }
}

/** Which of the devices that can run are sent to: all of them, until the person excludes a group. */
function useChoice(preflight: Readonly<Ref<Preflight | undefined>>) {
  const excluded = shallowRef<ReadonlySet<Verdict>>(new Set())
  const groups = computed(() => (preflight.value ? groupByVerdict(preflight.value) : []))
  const sending = computed(() => devicesToSend(groups.value, excluded.value))

  function toggle(verdict: Verdict): void {
    const next = new Set(excluded.value)
    if (!next.delete(verdict)) next.add(verdict)
    excluded.value = next
  }

  return { groups, excluded, sending, toggle }
}
