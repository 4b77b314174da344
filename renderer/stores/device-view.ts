import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { DeviceRow } from '../../contract/app/device.ts'
import type { DeviceColumn } from '../model/device-columns.ts'
import { parseFilter, type FilterWords } from '../model/device-filter.ts'
import type { FleetRows } from '../model/fleet-rows.ts'
import {
  countShown,
  emptySelection,
  keepExisting,
  selectAll,
  type Selection,
  type ShownDevices,
} from '../model/selection.ts'
import { buildView, nextSort, type Sort, type ViewIndex } from '../model/view-index.ts'
import type { Language } from '../../contract/app/language.ts'
import { messages } from '../text/i18n.ts'
import { useFleet } from './fleet.ts'
import { useHubs } from './hubs.ts'
import { usePreferences } from './preferences.ts'

/** The devices as the person looks at them: filtered, sorted, some of them selected. */
export const useDeviceView = defineStore('device-view', () => {
  const hubs = useHubs()
  const fleet = useFleet()
  const { filterText, sort, index } = filteredAndSorted(fleet)
  const selection = shallowRef(emptySelection)
  const shown = computed(() => shownDevices(fleet.rows, index.value))
  const hiddenSelectedCount = computed(() => {
    return selection.value.deviceIds.size - countShown(selection.value, shown.value)
  })

  watch(
    () => fleet.structureVersion,
    () => {
      selection.value = keepExisting(selection.value, (deviceId) => fleet.rows.positions.has(deviceId))
    },
  )
  watch(
    () => hubs.selected?.hubId,
    () => {
      filterText.value = ''
      selection.value = emptySelection
    },
  )

  return {
    filterText,
    sort,
    index,
    selection,
    shown,
    hiddenSelectedCount,
    isAllSelected: computed(() => {
      const { size } = selection.value.deviceIds
      const shownSelected = size - hiddenSelectedCount.value
      return shownSelected > 0 && shownSelected === index.value.length
    }),
    rowAt: (position: number): DeviceRow | undefined => fleet.rows.list[index.value[position] ?? -1],
    sortBy: (column: DeviceColumn) => (sort.value = nextSort(sort.value, column)),
    select: (next: Selection) => (selection.value = next),
    selectAll: () => (selection.value = selectAll(selection.value, shown.value)),
    /** The keyboard stays where it is. */
    clearSelection: () => (selection.value = { ...emptySelection, active: selection.value.active }),
  }
})

/** Above this many rows, changed values re-order the view at most once a second: sorting must not eat every frame. */
const mostRowsSortedAtOnce = 5_000
const sortPauseMs = 1_000

function filteredAndSorted(fleet: ReturnType<typeof useFleet>) {
  const preferences = usePreferences()
  const filterText = ref('')
  const sort = shallowRef<Sort>({ column: 'deviceId', direction: 'ascending' })
  const filter = computed(() => parseFilter(filterText.value, wordsOf(preferences.language)))
  const index = shallowRef<ViewIndex>(new Uint32Array())
  let timer: ReturnType<typeof setTimeout> | undefined

  function rebuild(): void {
    clearTimeout(timer)
    timer = undefined
    index.value = buildView(fleet.rows.list, filter.value, sort.value)
  }

  function rebuildSoon(): void {
    // Device ids never change, so neither does their order.
    if (sort.value.column === 'deviceId' && !filter.value) return
    if (fleet.size <= mostRowsSortedAtOnce) rebuild()
    else timer ??= setTimeout(rebuild, sortPauseMs)
  }

  // At once, because positions in the old index may point past the end of the new rows.
  watch([() => fleet.structureVersion, filter, sort], rebuild, { immediate: true, flush: 'sync' })
  watch(() => fleet.contentVersion, rebuildSoon)
  onScopeDispose(() => {
    clearTimeout(timer)
  })
  return { filterText, sort, index }
}

/** English words work in every language: ids and documents are full of them. */
function wordsOf(language: Language): FilterWords {
  const both = [messages[language], messages.en]
  return {
    online: both.map(({ connection }) => connection.online),
    offline: both.map(({ connection }) => connection.offline),
    enabled: both.map(({ status }) => status.enabled),
    disabled: both.map(({ status }) => status.disabled),
  }
}

function shownDevices({ list, positions }: FleetRows, index: ViewIndex): ShownDevices {
  return {
    length: index.length,
    idAt: (position) => list[index[position] ?? -1]?.deviceId,
    positionOf: (deviceId) => {
      const position = positions.get(deviceId)
      return position === undefined ? -1 : index.indexOf(position)
    },
  }
}
