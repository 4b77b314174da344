import { z } from 'zod'
import { DeadlineMs, DeviceIds, Engine } from './action.ts'
import { CampaignParameters } from './parameters.ts'
import { Policy } from './policy.ts'

/** A campaign as a file that is reviewed, kept under version control, and run again. It holds no secret and no hub. */
export const CampaignFile = z
  .object({
    format: z.literal('drover-campaign'),
    version: z.literal(1),
    name: z.string().trim().min(1).max(128),
    parameters: CampaignParameters,
    engine: Engine,
    deadlineMs: DeadlineMs,
    policy: Policy.optional(),
    deviceIds: DeviceIds,
  })
  .strict()
export type CampaignFile = z.infer<typeof CampaignFile>

/** What of a campaign `az iot hub job create` cannot say. */
export const CommandNote = z.enum([
  'many-jobs',
  'no-waves',
  'no-stop',
  'no-pace',
  'no-window',
  'no-patience',
  'no-proof',
  'no-action-id',
  'no-second-call',
  'no-release',
  'reads-file',
])
export type CommandNote = z.infer<typeof CommandNote>
