import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { DeviceTwin, Json, MethodAnswer, QueriedDevice } from '../ports/hub-gateway.ts'

/** JSON.parse made it, so it is JSON; what it means is for its reader to say. */
const AnyJson = z.custom<Json>((value) => value !== undefined)

const FleetRow = z.object({
  deviceId: z.string(),
  status: z.string().catch('unknown'),
  connectionState: z.string().catch('unknown'),
  lastActivityTime: z.string().optional().catch(undefined),
  dm: AnyJson.optional(),
  lastReboot: AnyJson.optional(),
})

/** A page of the fleet query. A row that makes no sense is left out; the rest of its page is not lost. */
export function readFleetPage(page: unknown): readonly QueriedDevice[] {
  if (!Array.isArray(page)) throw strange('list of devices')
  return page.flatMap((row: unknown) => {
    const parsed = FleetRow.safeParse(row)
    if (!parsed.success) return []
    const { deviceId, status, connectionState, lastActivityTime, dm, lastReboot } = parsed.data
    return [
      {
        deviceId,
        status,
        connectionState,
        lastActivityTime,
        reported: { iothubDM: dm ?? null, lastReboot: lastReboot ?? null },
      },
    ]
  })
}

const TwinShape = z.object({
  deviceId: z.string(),
  etag: z.string(),
  status: z.string().catch('unknown'),
  connectionState: z.string().catch('unknown'),
  lastActivityTime: z.string().optional().catch(undefined),
  properties: z.object({ reported: z.record(z.string(), AnyJson) }),
})

/** Maps the SDK's Twin, which cannot be cloned and drags its registry along, to a plain value. */
export function readTwin(twin: unknown): DeviceTwin {
  const parsed = TwinShape.safeParse(twin)
  if (!parsed.success) throw strange('device twin')
  const { properties, ...device } = parsed.data
  const { $metadata, ...reported } = properties.reported
  return {
    ...device,
    lastActivityTime: device.lastActivityTime,
    reported,
    reportedMetadata: $metadata ?? null,
  }
}

const AnswerShape = z.object({ status: z.number().int(), payload: AnyJson.nullish() })

export function readMethodAnswer(answer: unknown): MethodAnswer {
  const parsed = AnswerShape.safeParse(answer)
  if (!parsed.success) throw strange('answer of a device')
  return { status: parsed.data.status, payload: parsed.data.payload ?? null }
}

function strange(what: string): AppError {
  return new AppError('unexpected-answer', `The hub sent something that is not a ${what}.`)
}
