import type { en } from './en.ts'
import type { enActions } from './en-actions.ts'
import type { enCampaign } from './en-campaign.ts'
import type { enOutcomes } from './en-outcomes.ts'
import type { enRecords } from './en-records.ts'

type Worded<T> = { readonly [K in keyof T]: T[K] extends string ? string : Worded<T[K]> }

/** What every language must say: the keys of English. */
export type Messages = Worded<typeof en>
export type ActionMessages = Worded<typeof enActions>
export type CampaignMessages = Worded<typeof enCampaign>
export type RecordMessages = Worded<typeof enRecords>
export type OutcomeMessages = Worded<typeof enOutcomes>
