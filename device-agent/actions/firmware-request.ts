import { createHash } from 'node:crypto'
import { answerStatus } from '../../contract/device/answer.ts'
import {
  FirmwarePayload,
  TutorialFirmwarePayload,
  tutorialFirmwareAnswer,
} from '../../contract/device/firmware.ts'
import { timesOf } from '../domain/envelope.ts'
import type { MethodCall } from '../domain/method-decision.ts'
import { decodePayload, invalidCall } from '../domain/payload.ts'
import { FirmwareRequest } from '../firmware/plan.ts'

/** Reads a `firmwareUpdate` call. One that names nothing but an address comes from the tutorial's back end. */
export function readFirmwareCall(payload: unknown): MethodCall<FirmwareRequest> {
  const value = decodePayload(payload)
  const parsed = FirmwarePayload.safeParse(value)
  if (!parsed.success) return readTutorialCall(value) ?? invalidCall(value, parsed.error)
  const request = FirmwareRequest.parse(parsed.data)
  const { actionId } = parsed.data
  return { kind: 'wanted', actionId, ...timesOf(parsed.data), parameters: fingerprint(request), request }
}

function readTutorialCall(value: unknown): MethodCall<FirmwareRequest> | undefined {
  if (typeof value !== 'object' || value === null || 'actionId' in value) return undefined
  const parsed = TutorialFirmwarePayload.safeParse(value)
  if (!parsed.success) return undefined
  const answer = { status: answerStatus.alreadyDone, payload: tutorialFirmwareAnswer }
  return { kind: 'wanted', parameters: 'tutorial', request: parsed.data, answer }
}

/** The record of finished actions keeps no address: a token may be in it. */
function fingerprint(request: FirmwareRequest): string {
  const fields = Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex')
}
