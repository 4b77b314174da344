import { shallowRef } from 'vue'
import type { CampaignFile, CommandNote } from '../../contract/app/campaign-file.ts'
import type { HubId } from '../../contract/app/ids.ts'
import { toProblem, type ShownProblem } from '../model/problem.ts'
import { useActions } from '../stores/actions.ts'
import { useCampaigns } from '../stores/campaigns.ts'
import { useClipboard } from '../stores/clipboard.ts'
import { useHubs } from '../stores/hubs.ts'
import { useNavigation } from '../stores/navigation.ts'
import { useNotices } from '../stores/notices.ts'
import { useText } from './use-text.ts'

/** What can be done with a campaign beside running it: as a file, as a command, as a rehearsal. */
export function useCampaignFile() {
  const { t } = useText()
  const campaigns = useCampaigns()
  const clipboard = useClipboard()
  const notices = useNotices()
  const problem = shallowRef<ShownProblem>()
  /** What the command that was copied cannot say. */
  const notes = shallowRef<readonly CommandNote[]>([])
  const open = useOpenCampaign()
  const rehearse = useRehearsal()

  async function attempt(work: () => Promise<void>): Promise<void> {
    problem.value = undefined
    notes.value = []
    try {
      await work()
    } catch (error) {
      problem.value = toProblem(error)
    }
  }

  return {
    problem,
    notes,
    open: () => attempt(async () => open(await campaigns.open())),
    /** Opens its dialog, filled in. */
    show: open,
    rehearse: (campaign: CampaignFile, faultShare: number) => attempt(() => rehearse(campaign, faultShare)),
    save: (campaign: CampaignFile) =>
      attempt(async () => {
        const saved = await campaigns.save(campaign)
        if (saved.isSaved) notices.say(t('campaign.saved', { name: saved.fileName }))
      }),
    copyCommand: (campaign: CampaignFile, hubId: HubId) =>
      attempt(async () => {
        const { commands, notes: found } = await campaigns.commandLine({ campaign, hubId })
        await clipboard.copy(commands)
        notices.say(t('campaign.commandCopied'))
        notes.value = found
      }),
  }
}

/** Opens the dialog of a campaign, filled in, for the hub that is shown. */
function useOpenCampaign(): (campaign: CampaignFile | undefined) => void {
  const { t } = useText()
  const hubs = useHubs()
  const navigation = useNavigation()
  const notices = useNotices()
  return (campaign) => {
    if (!campaign) return
    const hub = hubs.selected
    if (!hub) {
      notices.say(t('campaign.otherHub'))
      return
    }
    const { kind } = campaign.parameters
    const { hubId, name: hubName } = hub
    navigation.dialog = { kind, hubId, hubName, deviceIds: campaign.deviceIds, campaign }
  }
}

function useRehearsal(): (campaign: CampaignFile, faultShare: number) => Promise<void> {
  const { t } = useText()
  const actions = useActions()
  const campaigns = useCampaigns()
  const hubs = useHubs()
  const navigation = useNavigation()
  const notices = useNotices()
  return async (campaign, faultShare) => {
    const { hubId, actionId } = await campaigns.rehearse({ campaign, faultShare })
    await hubs.select(hubId)
    navigation.closeDialog()
    navigation.view = 'activity'
    actions.open(actionId)
    notices.say(t('campaign.rehearsing'))
  }
}
