import { watch } from 'vue'
import type { ActionSummary } from '../../contract/app/action.ts'
import { newsOf, type News } from '../model/action-news.ts'
import { countOutcomes } from '../model/action-progress.ts'
import { revealHidden } from '../model/json-layout.ts'
import { useActions } from '../stores/actions.ts'
import { useDesktop } from '../stores/desktop.ts'
import { useNavigation } from '../stores/navigation.ts'
import { useActionWords } from './use-action-words.ts'
import { useCampaignWords } from './use-campaign-words.ts'
import { useHubNames } from './use-hub-names.ts'
import { useProblemWords } from './use-problem-words.ts'
import { useText } from './use-text.ts'

/** What a note of the system has room for. */
const longestTitle = 100
const longestBody = 300

/** Tells a person who looks at another window when an action has ended or waits for them; choosing the note shows it. */
export function useNotes(): void {
  const actions = useActions()
  const desktop = useDesktop()
  const navigation = useNavigation()
  const { titleOf } = useActionWords()
  const { nameOf } = useHubNames()
  const { meaningOf } = useProblemWords()
  const { holdWords } = useCampaignWords()
  const { t, number } = useText()

  watch(
    () => actions.summaries,
    (after, before) => {
      if (document.hasFocus()) return
      const known = new Map(before.map((action) => [action.actionId, action]))
      for (const action of after) {
        const news = newsOf(known.get(action.actionId), action)
        if (news) void tell(action, news)
      }
    },
  )

  async function tell(action: ActionSummary, news: News): Promise<void> {
    const name = revealHidden(action.name ?? '')
    const title = name === '' ? titleOf(action.parameters, action.total) : name
    const body = `${nameOf(action)}: ${news === 'ended' ? outcomeWords(action) : stateWords(action)}`
    try {
      const isChosen = await desktop.notify(title.slice(0, longestTitle), body.slice(0, longestBody))
      if (isChosen) navigation.showAction(action.actionId)
    } catch {
      // A window that lost its application says so by itself, and nobody can be told without it.
    }
  }

  function outcomeWords({ counts }: ActionSummary): string {
    return countOutcomes(counts)
      .map(({ outcome, count }) => t(`activity.counted.${outcome}`, { count: number(count) }))
      .join(', ')
  }

  function stateWords({ hold, progress, problem }: ActionSummary): string {
    return [hold ? holdWords(hold, progress) : '', problem ? meaningOf(problem) : '']
      .filter(Boolean)
      .join(' ')
  }
}
