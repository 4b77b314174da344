import { defineStore } from 'pinia'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { ActionId, HubId } from '../../contract/app/ids.ts'
import { useLink } from '../api/client.ts'

/** Campaigns as files and commands; what runs is an action. */
export const useCampaigns = defineStore('campaigns', () => {
  const { client } = useLink()
  return {
    save: (campaign: CampaignFile) => client.campaigns.save(campaign),
    /** Undefined when the person changed their mind. */
    open: async (): Promise<CampaignFile | undefined> => (await client.campaigns.open({})).campaign,
    ofAction: (actionId: ActionId) => client.campaigns.ofAction({ actionId }),
    commandLine: (asked: { campaign: CampaignFile; hubId: HubId }) => client.campaigns.commandLine(asked),
    rehearse: (asked: { campaign: CampaignFile; faultShare: number }) => client.campaigns.rehearse(asked),
  }
})
