import { z } from 'zod'

export const HubId = z.string().min(1).max(64).brand('HubId')
export type HubId = z.infer<typeof HubId>

/** A device id as the hub knows it: case-sensitive, at most 128 characters. */
export const DeviceId = z.string().min(1).max(128).brand('DeviceId')
export type DeviceId = z.infer<typeof DeviceId>

/** A ULID: sorts by the time at which the action was made. */
export const ActionId = z.string().min(1).max(64).brand('ActionId')
export type ActionId = z.infer<typeof ActionId>

/** Where a tag is, such as `site.rack`. */
export const TagPath = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*){0,4}$/)
export type TagPath = z.infer<typeof TagPath>

/** A point in time as ISO 8601 in UTC. */
export const Instant = z.iso.datetime()

export const Nothing = z.object({}).strict()
