import type { Evidence, Reason } from '../../contract/app/target.ts'
import type { ActionStarted, JournalRecord, TwinKept } from './journal-record.ts'
import { quoteOf, toEntry, type Numbered } from './journal-entry.ts'
import type { NotReturned } from './not-returned.ts'

/** How much of a record fits into a cell; the last one has all of it. */
const longestDetail = 1024

/** The titles of `toCells`. */
export const columns = [
  'number',
  'at',
  'event',
  'action id',
  'kind',
  'hub',
  'by',
  'device id',
  'detail',
  'record',
] as const

/** One record as a row of a table, with all of it as JSON in the last cell. */
export function toCells(numbered: Numbered, started: ActionStarted): string[] {
  const entry = toEntry(numbered, started)
  const { number, at, event, actionId, kind, hubName, by = '', deviceId = '' } = entry
  return [
    String(number),
    at,
    event,
    actionId,
    kind,
    hubName,
    by,
    deviceId,
    describe(numbered.record).slice(0, longestDetail),
    JSON.stringify(numbered.record),
  ]
}

/** A device that did not come back, below the records: no record of its own, so it has no number. */
export function missingCells(
  { deviceId, dueAt }: NotReturned,
  { actionId, parameters, hubName }: ActionStarted,
): string[] {
  return [
    '',
    dueAt,
    'not returned',
    actionId,
    parameters.kind,
    hubName,
    '',
    deviceId,
    `due back at ${dueAt}`,
    '',
  ]
}

/** In English, as everything that is exported. */
function describe(record: JournalRecord): string {
  switch (record.type) {
    case 'action':
      return describeAction(record)
    case 'target':
      return [describeReason(record.reason), describeEvidence(record.evidence)].filter(Boolean).join('; ')
    case 'job':
      return `${record.jobId} ${record.deviceIds.length}: ${firstFew(record.deviceIds)}`
    case 'twin':
      return describeTwin(record)
    case 'campaign':
      return describeDecision(record)
  }
}

function describeAction({ parameters, query, deviceIds }: ActionStarted): string {
  const filter = query === undefined ? '' : `filter ${JSON.stringify(query)};`
  const devices = `${deviceIds.length}: ${firstFew(deviceIds)}`
  return [quoteOf(parameters), filter, devices].filter(Boolean).join(' ')
}

function describeTwin({ desired, tags, change }: TwinKept): string {
  const kept = `desired ${JSON.stringify(desired)}; tags ${JSON.stringify(tags)}`
  return change ? `change ${JSON.stringify(change)}; before: ${kept}` : kept
}

function firstFew(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown}, ...` : shown
}

function describeReason(reason: Reason | undefined): string {
  if (!reason) return ''
  return reason.detail === undefined ? reason.code : `${reason.code}: ${reason.detail}`
}

/** What the outcome rests on, without when it was read: that is the record's own time, or close to it. */
function describeEvidence(evidence: Evidence | undefined): string {
  if (!evidence) return ''
  const { kind, readAt: _, ...rest } = evidence
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`)
  return `${kind}: ${facts.join(', ')}`
}

function describeDecision({
  wave,
  finished,
  failed,
  problem,
}: Extract<JournalRecord, { type: 'campaign' }>): string {
  const facts = [
    wave === undefined ? '' : `wave ${wave}`,
    finished === undefined ? '' : `${failed ?? 0} of ${finished} finished have failed`,
    problem?.message ?? '',
  ]
  return facts.filter(Boolean).join('; ')
}
