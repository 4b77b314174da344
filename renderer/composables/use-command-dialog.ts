import { computed, type ComputedRef } from 'vue'
import type { CommandRequest } from '../stores/navigation.ts'
import { useActionWords } from './use-action-words.ts'
import { useCampaign } from './use-campaign.ts'
import { useCommand, type Asking } from './use-command.ts'
import { useConfirmation } from './use-confirmation.ts'
import { useHubNames } from './use-hub-names.ts'
import { useText } from './use-text.ts'

export interface DialogOptions {
  readonly request: CommandRequest
  readonly asking: () => Asking | undefined
  readonly methodName: () => string
}

/** All that decides whether, and with what words, an action can be started. */
export function useCommandDialog({ request, asking, methodName }: DialogOptions) {
  const campaign = useCampaign(request)
  const { policy, engine } = campaign
  const command = useCommand({ request, asking, policy: () => policy.value, engine: () => engine.value })
  const { preflight, sending } = command
  const { trueName, hubName } = useNamesOfHub(request, preflight)
  const confirmation = useConfirmation({
    sendCount: () => sending.value.length,
    shownName: () => hubName.value,
    hubName: () => trueName.value,
  })
  const isDestructive = request.kind === 'factoryReset'
  const isReady = computed(
    () => preflight.value !== undefined && !command.isChecking.value && !command.isStarting.value,
  )
  const isAllowed = computed(
    () =>
      sending.value.length > 0 &&
      command.cap.value === undefined &&
      campaign.mistakes.value.length === 0 &&
      (!isDestructive || confirmation.isRight.value),
  )

  /** True when the action is in the journal. */
  async function start(): Promise<boolean> {
    const complete = asking()
    if (!complete || !isReady.value || !isAllowed.value) return false
    const confirmed = isDestructive ? { confirmation: confirmation.value() } : {}
    const isStarted = await command.start({ ...complete, ...campaign.asking(), ...confirmed })
    if (isStarted) campaign.remember()
    return isStarted
  }

  return {
    ...command,
    campaign,
    confirmation,
    hubName,
    isDestructive,
    words: useDialogWords({ request, methodName }, command, hubName),
    /** The key of the sentence that says why it cannot be started; empty when it can, or when a glance tells. */
    obstacle: computed(() => {
      if (!preflight.value || sending.value.length === 0) return ''
      if (asking() === undefined) return 'preflight.obstacle.form'
      if (command.cap.value !== undefined) return 'preflight.obstacle.cap'
      if (campaign.mistakes.value.length > 0) return 'preflight.obstacle.campaign'
      return isDestructive && !confirmation.isRight.value ? 'preflight.obstacle.confirmation' : ''
    }),
    canStart: computed(() => isReady.value && isAllowed.value && asking() !== undefined),
    start,
  }
}

/** As the hub was called when its devices were looked at, and as that is shown. */
function useNamesOfHub(
  { hubId, hubName }: CommandRequest,
  preflight: ReturnType<typeof useCommand>['preflight'],
) {
  const { nameOf } = useHubNames()
  const trueName = computed(() => preflight.value?.hubName ?? hubName)
  return { trueName, hubName: computed(() => nameOf({ hubId, hubName: trueName.value })) }
}

function useDialogWords(
  { request, methodName }: Pick<DialogOptions, 'request' | 'methodName'>,
  { preflight, sending, isStarting }: ReturnType<typeof useCommand>,
  hubName: ComputedRef<string>,
) {
  const { t, tCount } = useText()
  const { title } = useActionWords()
  const total = request.deviceIds.length
  return {
    title: computed(() => tCount(`preflight.title.${request.kind}`, total, { hub: hubName.value })),
    submit: computed(() => {
      if (isStarting.value) return t('preflight.starting')
      const count = preflight.value ? sending.value.length : total
      return count === 0 ? t(`preflight.nothing.${request.kind}`) : title(request.kind, count, methodName())
    }),
    /** What a campaign is called that was given no name. */
    fileName: () => title(request.kind, total, methodName()),
  }
}
