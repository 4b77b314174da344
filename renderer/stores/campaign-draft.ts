import { defineStore } from 'pinia'
import { Policy } from '../../contract/app/policy.ts'
import { draftOf, policyOf, usualDraft, type CampaignDraft } from '../model/campaign-draft.ts'
import { remembered } from './remembered.ts'

/** How the last campaign was gone about, kept on this machine: the next one starts with it. */
export const useCampaignDraft = defineStore('campaign-draft', () => {
  const last = remembered<Policy | undefined>('campaign', undefined, readPolicy)
  return {
    /** A time of the last campaign is moved ahead; its name and its cap were for its own devices. */
    next: (): CampaignDraft => {
      const nowMs = Date.now()
      const usual = usualDraft(nowMs)
      return last.value ? draftOf(last.value, { name: '', engine: usual.engine }, nowMs) : usual
    },
    remember: (draft: CampaignDraft): void => {
      if (draft.engine === 'methods') last.value = policyOf({ ...draft, mostDevices: undefined })
    },
  }
})

function readPolicy(stored: unknown): Policy | undefined {
  const { success, data } = Policy.safeParse(stored)
  return success ? data : undefined
}
