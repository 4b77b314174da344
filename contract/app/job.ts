import { z } from 'zod'
import { ActionId, Instant } from './ids.ts'

/** A job of the hub, as the hub lists it; this app's own and other people's. */
export const HubJob = z.object({
  jobId: z.string().max(128),
  type: z.enum(['scheduleDeviceMethod', 'scheduleUpdateTwin']),
  status: z.enum(['pending', 'queued', 'scheduled', 'running', 'completed', 'failed', 'cancelled']),
  createdAt: Instant.optional(),
  startAt: Instant.optional(),
  endedAt: Instant.optional(),
  /** The condition that chooses its devices, in the hub's query language. */
  condition: z.string().max(16_384),
  methodName: z.string().max(100).optional(),
  devices: z.number().int().optional(),
  succeeded: z.number().int().optional(),
  failed: z.number().int().optional(),
  /** The action that follows it, once there is one. */
  actionId: ActionId.optional(),
})
export type HubJob = z.infer<typeof HubJob>
