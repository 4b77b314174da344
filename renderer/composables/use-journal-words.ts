import type { JournalEntry } from '../../contract/app/journal.ts'
import { oneLine, revealHidden } from '../model/json-layout.ts'
import { useProblemWords } from './use-problem-words.ts'
import { useTargetWords } from './use-target-words.ts'
import { useText } from './use-text.ts'

/** As much of what somebody wrote as a person reads in a table. */
const longestQuote = 600

/** What a record of the journal says beside what happened. */
export function useJournalWords() {
  const { t, tCount, number } = useText()
  const { grounds } = useTargetWords()
  const { meaningOf } = useProblemWords()

  function devicesOf({ devices }: JournalEntry['detail']): string {
    if (!devices) return ''
    const { count, first } = devices
    const names = first.map(revealHidden).join(', ')
    return tCount('journal.devices', count, { names: count > first.length ? `${names}, …` : names })
  }

  function stopOf({ stop }: JournalEntry['detail']): string {
    if (!stop) return ''
    return t('progress.aborted', { finished: number(stop.finished), failed: number(stop.failed) })
  }

  return {
    detailOf: ({ detail }: JournalEntry): string =>
      [
        detail.quote === undefined ? '' : oneLine(detail.quote, longestQuote),
        detail.query === undefined ? '' : t('journal.query', { query: oneLine(detail.query, longestQuote) }),
        devicesOf(detail),
        grounds(detail),
        detail.wave === undefined ? '' : t('campaign.wave', { wave: number(detail.wave) }),
        stopOf(detail),
        detail.problem ? meaningOf(detail.problem) : '',
      ]
        .filter(Boolean)
        .join(' · '),
  }
}
