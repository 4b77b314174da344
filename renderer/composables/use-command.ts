import { computed, ref, shallowRef, type Ref } from 'vue'
import type { Engine, NewAction } from '../../contract/app/action.ts'
import type { Policy } from '../../contract/app/policy.ts'
import type { Preflight, Verdict } from '../../contract/app/preflight.ts'
import { draftParameters } from '../model/draft-parameters.ts'
import { toProblem, type ShownProblem } from '../model/problem.ts'
import {
  devicesToSend,
  excludedAtFirst,
  exceededCap,
  groupByVerdict,
  seenTwins,
} from '../model/preflight-plan.ts'
import { useActions } from '../stores/actions.ts'
import { useNavigation, type CommandRequest } from '../stores/navigation.ts'
import { usePreflight } from './use-preflight.ts'

/** What a person has asked for in a dialog, once it is complete. */
export type Asking = Pick<NewAction, 'parameters' | 'deadlineMs'>

/** How it is to be gone about, as a campaign. */
export type CampaignAsking = Pick<NewAction, 'name' | 'policy' | 'engine' | 'startAt'>

export interface CommandOptions {
  readonly request: CommandRequest
  /** Undefined while the form is not complete. */
  readonly asking: () => Asking | undefined
  /** Undefined when it is a plain action. */
  readonly policy: () => Policy | undefined
  /** Who asks the devices; undefined for this app. */
  readonly engine: () => Engine | undefined
}

/** From the question "what would happen to each device" to the started action. */
export function useCommand({ request, asking, policy, engine }: CommandOptions) {
  const actions = useActions()
  const navigation = useNavigation()
  const problem = shallowRef<ShownProblem>()
  const parameters = () => asking()?.parameters ?? draftParameters[request.kind]
  const { preflight, isChecking, check } = usePreflight({ request, parameters, policy, engine, problem })
  const { groups, excluded, sending, toggle } = useChoice(preflight, policy)
  const isStarting = ref(false)

  /** True when the action is in the journal. */
  async function start(rest: Omit<NewAction, 'hubId' | 'deviceIds'>): Promise<boolean> {
    if (isStarting.value || sending.value.length === 0) return false
    isStarting.value = true
    problem.value = undefined
    try {
      const { actionId } = await actions.start({
        ...rest,
        hubId: request.hubId,
        deviceIds: [...sending.value],
        ...(request.query === undefined ? {} : { query: request.query }),
        ...(request.kind === 'restore' ? { seen: seenTwins(groups.value, sending.value) } : {}),
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

  const cap = computed(() => exceededCap(preflight.value?.warnings ?? [], sending.value.length))
  return { preflight, isChecking, groups, excluded, sending, cap, isStarting, problem, check, start, toggle }
}

/** Which of the devices that can run are sent to: all of them, until the person excludes a group. */
function useChoice(preflight: Readonly<Ref<Preflight | undefined>>, policy: () => Policy | undefined) {
  const excluded = shallowRef<ReadonlySet<Verdict>>(excludedAtFirst)
  const groups = computed(() => (preflight.value ? groupByVerdict(preflight.value, policy()) : []))
  const sending = computed(() => devicesToSend(groups.value, excluded.value))

  function toggle(verdict: Verdict): void {
    const next = new Set(excluded.value)
    if (!next.delete(verdict)) next.add(verdict)
    excluded.value = next
  }

  return { groups, excluded, sending, toggle }
}
