import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { DeviceId } from '../../contract/app/ids.ts'
import type { ExportFormat, JournalEntry, JournalPageRequest } from '../../contract/app/journal.ts'
import { useLink, type AppClient } from '../api/client.ts'
import { follow } from '../api/follow.ts'
import { toProblem, type ShownProblem } from '../model/problem.ts'
import { useNavigation } from './navigation.ts'

const pageSize = 200

/** The journal as it is read, the newest record first, page by page. */
export const useJournal = defineStore('journal', () => {
  const { client } = useLink()
  const navigation = useNavigation()
  const deviceText = ref('')
  const ofAction = () =>
    navigation.journalOf === undefined ? {} : ({ actionId: navigation.journalOf } as const)
  const reader = readPages(client, () => ({ ...ofAction(), ...deviceOf(deviceText.value) }))
  const newer = countNewer(client)

  return {
    deviceText,
    ...reader,
    newerCount: newer.newerCount,
    readNewest: (): Promise<void> => {
      newer.forget()
      return reader.readNewest()
    },
    verify: () => client.journal.verify({}),
    exportAs: (format: ExportFormat) => client.journal.export({ format, ...ofAction() }),
  }
})

type Filter = Pick<JournalPageRequest, 'actionId' | 'deviceId'>

function deviceOf(text: string): Filter {
  const { success, data } = DeviceId.safeParse(text.trim())
  return success ? { deviceId: data } : {}
}

function readPages(client: AppClient, filter: () => Filter) {
  const entries = shallowRef<readonly JournalEntry[]>([])
  const total = ref(0)
  const isReading = ref(false)
  const problem = shallowRef<ShownProblem>()
  let reading = new AbortController()

  async function read(known: readonly JournalEntry[]): Promise<void> {
    reading.abort()
    const mine = new AbortController()
    reading = mine
    isReading.value = true
    problem.value = undefined
    const before = known.at(-1)?.number
    const request = { limit: pageSize, ...(before === undefined ? {} : { before }), ...filter() }
    try {
      const page = await client.journal.page(request, mine.signal)
      if (reading !== mine) return
      entries.value = [...known, ...page.entries]
      // An empty page is the end, whatever was counted before.
      total.value = page.entries.length === 0 ? entries.value.length : page.total
    } catch (error) {
      if (reading === mine) problem.value = toProblem(error)
    } finally {
      if (reading === mine) isReading.value = false
    }
  }

  onScopeDispose(() => {
    reading.abort()
  })
  return {
    entries,
    total,
    isReading,
    problem,
    readNewest: () => read([]),
    readMore: async (): Promise<void> => {
      const isMore = entries.value.length < total.value
      if (isMore && !isReading.value && !problem.value) await read(entries.value)
    },
  }
}

/** How many records were written since the newest ones were read. */
function countNewer(client: AppClient) {
  const length = ref(0)
  const shownLength = ref(0)
  const leave = follow((signal) => client.journal.length({}, signal), {
    onValue: (value) => {
      if (length.value === 0) shownLength.value = value
      length.value = value
    },
    // The records themselves tell what is wrong.
    onProblem: () => undefined,
  })
  onScopeDispose(leave)
  return {
    newerCount: computed(() => Math.max(0, length.value - shownLength.value)),
    /** The newest records are about to be read. */
    forget: (): void => {
      shownLength.value = length.value
    },
  }
}
