import { z } from 'zod'

/** Text of a device, kept but cut to `length` UTF-16 units: a twin is written by whoever holds the device's key. */
export function cappedText(length: number) {
  return z.string().transform((text) => text.slice(0, length).toWellFormed())
}

/** A boot id or another opaque token: compared, so never cut; too long is wrong. */
export const OpaqueToken = z.string().min(1).max(128)

/** A point in time as the device's own clock had it. */
export const DeviceInstant = z.iso.datetime({ offset: true })

/** Null stands for "absent" in a patch, and both mean the same to a reader. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional()
}

/** A list whose wrong entries are dropped, and at most `length` of the others kept. */
export function cappedList<Item extends z.ZodType>(item: Item, length: number) {
  return z.array(z.unknown()).transform((values) =>
    values
      .slice(0, length)
      .map((value) => item.safeParse(value))
      .flatMap((parsed) => (parsed.success ? [parsed.data] : [])),
  )
}
