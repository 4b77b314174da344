/** What the journal can say has happened; another word is shown as it is. */
export const journalEvents = [
  'action',
  'job',
  'twin',
  'send',
  'defer',
  'skip',
  'accept',
  'progress',
  'leave',
  'return',
  'succeed',
  'fail',
  'lose',
  'ask',
  'cancel',
  'cancelled',
  'refuse',
  'retry',
  'wave',
  'settle',
  'approve',
  'pause',
  'resume',
  'interrupt',
  'halt',
  'abort',
] as const

const known: ReadonlySet<string> = new Set(journalEvents)

export function isJournalEvent(event: string): boolean {
  return known.has(event)
}
