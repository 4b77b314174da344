import { ref, shallowRef } from 'vue'
import type { ExportFormat, JournalCheck } from '../../contract/app/journal.ts'
import { toProblem, type ShownProblem } from '../model/problem.ts'
import { useJournal } from '../stores/journal.ts'
import { useNotices } from '../stores/notices.ts'
import { useText } from './use-text.ts'

/** What is done with the whole journal: proving that it is whole, and taking it elsewhere. */
export function useJournalCheck() {
  const { t } = useText()
  const journal = useJournal()
  const notices = useNotices()
  const busy = ref<'verify' | ExportFormat>()
  const check = shallowRef<JournalCheck>()
  const problem = shallowRef<ShownProblem>()

  async function during(what: 'verify' | ExportFormat, work: () => Promise<void>): Promise<void> {
    if (busy.value !== undefined) return
    busy.value = what
    problem.value = undefined
    try {
      await work()
    } catch (error) {
      problem.value = toProblem(error)
    } finally {
      busy.value = undefined
    }
  }

  return {
    busy,
    check,
    problem,
    verify: () =>
      during('verify', async () => {
        check.value = undefined
        check.value = await journal.verify()
      }),
    exportAs: (format: ExportFormat) =>
      during(format, async () => {
        const saved = await journal.exportAs(format)
        if (saved.isSaved) notices.say(t('journal.exported', { name: saved.fileName }))
      }),
  }
}
