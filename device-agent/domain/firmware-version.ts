import { z } from 'zod'
import type { AgentState, JsonObject } from './agent-state.ts'

/** The last update that this device has committed, and what the system called itself then. */
const Committed = z.object({ version: z.string(), systemVersion: z.string() })

/** What `firmwareUpdate` remembers: durable together with the end of the update. */
export function committedFirmware(version: string, systemVersion: string): JsonObject {
  return { version, systemVersion }
}

/**
 * What runs on this device, as a back end knows it: an update may replace what the system has no name for. A system
 * that calls itself otherwise by now was replaced by someone else, and speaks for itself.
 */
export function firmwareVersionOf({ memory }: Pick<AgentState, 'memory'>, systemVersion: string): string {
  const committed = Committed.safeParse(memory['firmwareUpdate']).data
  return committed?.systemVersion === systemVersion ? committed.version : systemVersion
}
