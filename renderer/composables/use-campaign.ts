import { computed, ref, shallowRef } from 'vue'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import { draftOf, findMistakes, policyOf, type CampaignDraft } from '../model/campaign-draft.ts'
import { useCampaignDraft } from '../stores/campaign-draft.ts'
import type { CommandRequest } from '../stores/navigation.ts'
import type { Asking, CampaignAsking } from './use-command.ts'

/** Whether an action is run as a campaign, and how. */
export function useCampaign(request: CommandRequest) {
  const drafts = useCampaignDraft()
  const isOn = ref(request.campaign?.policy !== undefined || request.campaign?.engine === 'job')
  const draft = shallowRef<CampaignDraft>(firstDraft(request.campaign, drafts.next()))
  const mistakes = computed(() => (isOn.value ? findMistakes(draft.value, Date.now()) : []))
  const policy = computed(() => (isOn.value ? policyOf(draft.value) : undefined))
  const engine = computed(() => (isOn.value ? draft.value.engine : undefined))

  return {
    isOn,
    draft,
    mistakes,
    policy,
    engine,
    /** What is added to the action when it starts. */
    asking: (): CampaignAsking => (policy.value ? campaignAsking(draft.value) : {}),
    /** The blast radius is raised by a campaign only: somebody has looked at it. */
    allow: (mostDevices: number): void => {
      isOn.value = true
      draft.value = { ...draft.value, mostDevices }
    },
    remember: (): void => {
      if (isOn.value) drafts.remember(draft.value)
    },
    /** The campaign as a file, over all devices that were chosen; what a restore puts back belongs to its own devices. */
    file: ({ parameters, deadlineMs }: Asking, usualName: string): CampaignFile | undefined =>
      parameters.kind === 'restore'
        ? undefined
        : {
            format: 'drover-campaign',
            version: 1,
            name: draft.value.name.trim() || usualName.slice(0, 128),
            parameters,
            engine: isOn.value ? draft.value.engine : 'methods',
            deadlineMs,
            ...(policy.value ? { policy: policy.value } : {}),
            deviceIds: [...request.deviceIds],
          },
  }
}

function firstDraft(campaign: CampaignFile | undefined, next: CampaignDraft): CampaignDraft {
  if (!campaign) return next
  const { name, engine, policy } = campaign
  return policy ? draftOf(policy, { name, engine }, Date.now()) : { ...next, name, engine }
}

function campaignAsking(draft: CampaignDraft): CampaignAsking {
  const name = draft.name.trim()
  const isLater = draft.engine === 'job' && draft.startAt !== undefined
  return {
    policy: policyOf(draft),
    engine: draft.engine,
    ...(name === '' ? {} : { name }),
    ...(isLater ? { startAt: draft.startAt } : {}),
  }
}
