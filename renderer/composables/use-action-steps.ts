import { ref, shallowRef } from 'vue'
import type { ActionSummary } from '../../contract/app/action.ts'
import type { ActionStep, StepKind } from '../model/action-steps.ts'
import { toProblem, type ShownProblem } from '../model/problem.ts'
import { useActions } from '../stores/actions.ts'
import { useCampaigns } from '../stores/campaigns.ts'
import { useNavigation } from '../stores/navigation.ts'
import { useNotices } from '../stores/notices.ts'
import { useCampaignFile } from './use-campaign-file.ts'
import { useText } from './use-text.ts'

/** What can be done about an action: the words of it, and doing it. */
export function useActionSteps() {
  const { t, tCount, number } = useText()
  const acts = useStepActs()
  /** The step that is being taken. */
  const busy = ref<StepKind>()
  const problem = shallowRef<ShownProblem>()

  async function take(kind: StepKind, action: ActionSummary): Promise<void> {
    if (busy.value !== undefined) return
    busy.value = kind
    problem.value = undefined
    try {
      await acts[kind](action)
    } catch (error) {
      problem.value = toProblem(error)
    } finally {
      busy.value = undefined
    }
  }

  function wordsOf({ kind, count }: ActionStep, { hold, progress }: ActionSummary): string {
    if (busy.value === kind) return t('step.busy')
    if (kind !== 'approve') return tCount(`step.${kind}`, count)
    const wave = number((progress?.wave ?? 0) + 1)
    return hold?.kind === 'gate' ? t('step.approveAnyway') : t('step.approve', { wave })
  }

  return { busy, problem, take, wordsOf }
}

function useStepActs(): Readonly<Record<StepKind, (action: ActionSummary) => Promise<void>>> {
  const { t, number } = useText()
  const actions = useActions()
  const campaigns = useCampaigns()
  const notices = useNotices()
  const navigation = useNavigation()
  const files = useCampaignFile()
  return {
    approve: ({ actionId }) => actions.approve(actionId),
    resume: ({ actionId }) => actions.resume(actionId),
    pause: ({ actionId }) => actions.pause(actionId),
    cancel: ({ actionId }) => actions.cancel(actionId),
    'check-again': async ({ actionId }) => {
      const { settled } = await actions.checkAgain(actionId)
      notices.say(
        settled === 0 ? t('activity.noneSettled') : t('activity.settled', { count: number(settled) }),
      )
    },
    restore: ({ actionId, hubId, hubName }) => {
      const deviceIds = actions.targets.flatMap(({ deviceId, status }) =>
        status === 'succeeded' ? [deviceId] : [],
      )
      navigation.dialog = { kind: 'restore', resetId: actionId, hubId, hubName, deviceIds }
      return Promise.resolve()
    },
    retry: async ({ actionId }) => {
      const retried = await actions.retryFailed(actionId)
      actions.open(retried.actionId)
      notices.say(t('step.retried'))
    },
    clone: async ({ actionId }) => files.show(await campaigns.ofAction(actionId)),
  }
}
