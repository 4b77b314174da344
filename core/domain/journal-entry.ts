import type { JournalEntry } from '../../contract/app/journal.ts'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import type { Evidence } from '../../contract/app/target.ts'
import type { ActionStarted, CampaignChanged, JournalRecord, TwinKept } from './journal-record.ts'

export interface Numbered {
  readonly number: number
  readonly record: JournalRecord
}

type Detail = JournalEntry['detail']

/** How much of a text fits into a line, and how many devices; the export has all of it. */
const longestText = 1024
const mostDevices = 20

/** One record as a line that a person reads; `started` is the action that it belongs to. */
export function toEntry({ number, record }: Numbered, started: ActionStarted): JournalEntry {
  const by = 'by' in record ? record.by : undefined
  const deviceId = 'deviceId' in record ? record.deviceId : undefined
  return {
    number,
    at: record.at,
    actionId: record.actionId,
    kind: started.parameters.kind,
    hubId: started.hubId,
    hubName: started.hubName,
    event: 'name' in record && record.type !== 'action' ? record.name : record.type,
    detail: detailOf(record),
    ...(by === undefined ? {} : { by }),
    ...(deviceId === undefined ? {} : { deviceId }),
  }
}

function detailOf(record: JournalRecord): Detail {
  switch (record.type) {
    case 'action':
      return {
        ...quoted(quoteOf(record.parameters)),
        ...(record.query === undefined ? {} : { query: record.query }),
        devices: fewOf(record.deviceIds),
      }
    case 'target':
      return {
        ...(record.reason ? { reason: record.reason } : {}),
        ...(record.evidence ? { evidence: shortened(record.evidence) } : {}),
      }
    case 'job':
      return { ...quoted(record.jobId), devices: fewOf(record.deviceIds) }
    case 'twin':
      return quoted(twinOf(record))
    case 'campaign':
      return decisionOf(record)
  }
}

function fewOf(deviceIds: ActionStarted['deviceIds']): Detail['devices'] {
  return { count: deviceIds.length, first: deviceIds.slice(0, mostDevices) }
}

function quoted(text: string): Detail {
  return text === '' ? {} : { quote: text.slice(0, longestText) }
}

/** What was asked for beside the kind, as it was written. */
export function quoteOf(parameters: ActionParameters): string {
  switch (parameters.kind) {
    case 'reboot':
    case 'factoryReset':
      return ''
    case 'firmwareUpdate':
      return `${parameters.fwVersion} ${parameters.fwPackageUri}`
    case 'method':
      return `${parameters.methodName} ${parameters.payload}`
    case 'desired':
    case 'tags':
      return parameters.patch
    case 'restore':
      return parameters.resetId
  }
}

function twinOf({ desired, tags, change }: TwinKept): string {
  return JSON.stringify({ ...(change ? { change } : {}), desired, tags })
}

/** An answer may be as long as a hub lets it be. */
function shortened(evidence: Evidence): Evidence {
  if (evidence.kind !== 'answer') return evidence
  return { ...evidence, payload: evidence.payload.slice(0, longestText) }
}

function decisionOf({ wave, finished, failed, problem }: CampaignChanged): Detail {
  return {
    ...(wave === undefined ? {} : { wave }),
    ...(finished === undefined ? {} : { stop: { finished, failed: failed ?? 0 } }),
    ...(problem ? { problem } : {}),
  }
}
