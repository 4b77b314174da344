import { z } from 'zod'
import type { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { readParts, type TwinPath } from '../domain/fleet-query.ts'
import type { TwinSections } from '../domain/hub-request.ts'
import { isJsonObject, type Json } from '../domain/json.ts'
import type { DeviceTwin, MethodAnswer, QueriedDevice, StatusCount } from '../ports/hub-gateway.ts'

/** JSON.parse made it, so it is JSON; what it means is for its reader to say. */
const AnyJson = z.custom<Json>((value) => value !== undefined)

const FleetRow = z.object({
  deviceId: z.string(),
  version: z.number().int().optional().catch(undefined),
  status: z.string().catch('unknown'),
  connectionState: z.string().catch('unknown'),
  lastActivityTime: z.string().optional().catch(undefined),
})

/** A page of the fleet query. A row that makes no sense is left out; the rest of its page is not lost. */
export function readFleetPage(page: unknown, paths: readonly TwinPath[]): readonly QueriedDevice[] {
  if (!Array.isArray(page)) throw strange('list of devices')
  return page.flatMap((row: unknown) => {
    const parsed = FleetRow.safeParse(row)
    if (!parsed.success) return []
    const { properties, tags } = readParts(paths, row as Readonly<Record<string, unknown>>)
    const reported = isJsonObject(properties) ? properties['reported'] : undefined
    return [
      {
        ...parsed.data,
        lastActivityTime: parsed.data.lastActivityTime,
        reported: reported ?? {},
        tags: tags ?? {},
      },
    ]
  })
}

const CountRow = z.object({
  status: z.string().transform((text) => text.slice(0, 64).toWellFormed()),
  devices: z.number().int().nonnegative(),
})
/** A device may report any word: so many different ones are enough to know that. */
const mostStatuses = 32

/** The rows of an aggregate query, the largest first; one that makes no sense is left out. */
export function readStatusCounts(page: unknown): readonly StatusCount[] {
  if (!Array.isArray(page)) throw strange('list of counts')
  const rows = page.flatMap((row: unknown) => CountRow.safeParse(row).data ?? [])
  return rows.toSorted((left, right) => right.devices - left.devices).slice(0, mostStatuses)
}

const Section = z.record(z.string(), AnyJson)

const TwinShape = z.object({
  deviceId: z.string(),
  version: z.number().int().catch(0),
  etag: z.string().max(128).catch(''),
  status: z.string().catch('unknown'),
  connectionState: z.string().catch('unknown'),
  lastActivityTime: z.string().optional().catch(undefined),
  tags: Section.catch({}),
  properties: z.object({ desired: Section.catch({}), reported: Section }),
})

/** Maps the SDK's Twin, which cannot be cloned and drags its registry along, to a plain value. */
export function readTwin(twin: unknown): DeviceTwin {
  const parsed = TwinShape.safeParse(twin)
  if (!parsed.success) throw strange('device twin')
  const { properties, lastActivityTime, ...device } = parsed.data
  return {
    ...device,
    lastActivityTime,
    desired: withoutMetadata(properties.desired),
    reported: withoutMetadata(properties.reported),
  }
}

/** The sections of a twin as the hub wants them. */
export function twinChange({ desired, tags }: TwinSections): object {
  return { ...(tags ? { tags } : {}), ...(desired ? { properties: { desired } } : {}) }
}

/** `$metadata` and `$version` are the hub's own notes among the device's properties. */
function withoutMetadata({
  $metadata: _metadata,
  $version: _version,
  ...properties
}: Record<string, Json>): Json {
  return properties
}

const AnswerShape = z.object({ status: z.number().int(), payload: AnyJson.nullish() })

export function readMethodAnswer(answer: unknown): MethodAnswer {
  const parsed = AnswerShape.safeParse(answer)
  if (!parsed.success) throw strange('answer of a device')
  return { status: parsed.data.status, payload: parsed.data.payload ?? null }
}

/** What it should have been is for the log. */
export function strange(what: string): AppError {
  return fault('hub-answer-odd', {}, { cause: new Error(`Not the shape of a ${what}`) })
}
