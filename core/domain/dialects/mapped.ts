import { z } from 'zod'
import type { MappedDialect } from '../../../contract/app/mapping.ts'
import { isJsonObject, type Json } from '../json.ts'
import {
  methodRequest,
  textAt,
  valueAt,
  type DeviceActionKind,
  type DeviceActionParameters,
  type DialectRules,
  type WorkState,
} from './dialect.ts'

/** Keys of the reported properties, joined with dots: no key of a twin has one in it. */
const ReportedPath = z
  .string()
  .regex(/^[^.$\s]{1,128}(\.[^.$\s]{1,128}){0,9}$/)
  .transform((path) => path.split('.'))

const Words = z.array(z.string().min(1).max(128)).max(50)

const MethodCall = z.strictObject({
  method: z.string().min(1).max(100),
  /** JSON; `{fwVersion}` and `{fwPackageUri}` in its texts are replaced. Null when left out. */
  payload: z.json().optional(),
})

/** Where the device says how far it is, and in which words. */
const Progress = MethodCall.extend({
  status: ReportedPath,
  /** A time or a count that is another one each time: without it a repeated word is taken for the last one. */
  at: ReportedPath.optional(),
  detail: ReportedPath.optional(),
})

const Mapping = z.strictObject({
  name: z.string().min(1).max(64),
  /** Every device of the family has reported something there. */
  recognisedBy: ReportedPath,
  firmwareVersion: ReportedPath.optional(),
  reboot: MethodCall.extend({
    /** When the device said that it restarts. */
    saidAt: ReportedPath.optional(),
    /** When its system started, by that system: this proves a reboot. */
    bootTime: ReportedPath.optional(),
  }).optional(),
  factoryReset: Progress.extend({
    words: z.strictObject({
      resetting: Words.optional(),
      done: Words,
      failed: Words.optional(),
      cancelled: Words.optional(),
    }),
  }).optional(),
  firmwareUpdate: Progress.extend({
    words: z.strictObject({
      downloading: Words.optional(),
      verifying: Words.optional(),
      applying: Words.optional(),
      rebooting: Words.optional(),
      done: Words,
      failed: Words.optional(),
      'rolled-back': Words.optional(),
      cancelled: Words.optional(),
    }),
  }).optional(),
})
type Mapping = z.infer<typeof Mapping>

/** The user's own file: families of devices that Drover does not know by itself. */
export const MappingFile = z.strictObject({
  format: z.literal('drover-dialects'),
  version: z.literal(1),
  dialects: z.array(Mapping).max(50),
})
export type MappingFile = z.infer<typeof MappingFile>

export function mappedDialects({ dialects }: MappingFile): DialectRules[] {
  return dialects.map(toRules)
}

/** What the window shows of a mapping file. */
export function summarise({ dialects }: MappingFile): MappedDialect[] {
  const kinds = ['reboot', 'factoryReset', 'firmwareUpdate'] as const
  return dialects.map((mapping) => ({
    name: mapping.name,
    actions: kinds.flatMap((kind) => {
      const methodName = mapping[kind]?.method
      return methodName === undefined ? [] : [{ kind, methodName }]
    }),
  }))
}

function toRules(mapping: Mapping): DialectRules {
  const { recognisedBy, firmwareVersion, reboot, factoryReset, firmwareUpdate } = mapping
  return {
    name: 'mapped',
    paths: pathsOf(mapping),
    recognises: (reported) => valueAt(reported, recognisedBy) !== undefined,
    readState: (reported) => ({
      firmwareVersion: firmwareVersion && textAt(reported, firmwareVersion),
      restartTime: reboot?.saidAt && textAt(reported, reboot.saidAt),
      bootTime: reboot?.bootTime && textAt(reported, reboot.bootTime),
      firmware: firmwareUpdate && workState(reported, firmwareUpdate),
      reset: factoryReset && workState(reported, factoryReset),
    }),
    readMethods: () => undefined,
    request(parameters) {
      const call = mapping[parameters.kind satisfies DeviceActionKind]
      return call && methodRequest(call.method, fill(call.payload ?? null, parameters))
    },
  }
}

function pathsOf({ recognisedBy, firmwareVersion, ...calls }: Mapping): string[][] {
  const { reboot, factoryReset, firmwareUpdate } = calls
  const all = [
    ...[recognisedBy, firmwareVersion, reboot?.saidAt, reboot?.bootTime],
    ...[factoryReset?.status, factoryReset?.at, factoryReset?.detail],
    ...[firmwareUpdate?.status, firmwareUpdate?.at, firmwareUpdate?.detail],
  ]
  return all.filter((path) => path !== undefined)
}

interface ProgressPlaces {
  readonly status: string[]
  readonly at?: string[] | undefined
  readonly detail?: string[] | undefined
  readonly words: Partial<Record<string, readonly string[] | undefined>>
}

function workState(reported: Json, { status, at, detail, words }: ProgressPlaces): WorkState | undefined {
  const word = textAt(reported, status)
  const found =
    word === undefined ? undefined : Object.entries(words).find(([, list]) => list?.includes(word))
  if (word === undefined || !found) return undefined
  return {
    stage: found[0] as WorkState['stage'],
    word,
    at: at && textAt(reported, at),
    detail: detail && textAt(reported, detail),
  }
}

function fill(payload: Json, parameters: DeviceActionParameters): Json {
  if (typeof payload === 'string')
    return parameters.kind === 'firmwareUpdate' ? fillText(payload, parameters) : payload
  if (Array.isArray(payload)) return payload.map((item: Json) => fill(item, parameters))
  if (!isJsonObject(payload)) return payload
  return Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, fill(value, parameters)]))
}

type FirmwareParameters = Extract<DeviceActionParameters, { kind: 'firmwareUpdate' }>

function fillText(text: string, { fwVersion, fwPackageUri }: FirmwareParameters): string {
  return text.replaceAll('{fwVersion}', () => fwVersion).replaceAll('{fwPackageUri}', () => fwPackageUri)
}
