import { useVirtualizer } from '@tanstack/vue-virtual'
import { computed, type Ref } from 'vue'

export const rowHeightPx = 32
const overscan = 8

/** A row that is on screen: where it is, and which recycled element shows it. */
export interface WindowRow {
  readonly position: number
  /** From the top of the rows, below the header. */
  readonly offsetPx: number
  readonly slot: number
}

/** The rows that are on screen of a list of `count`, inside a scrolling element with a sticky header. */
export function useRowWindow(host: Readonly<Ref<HTMLElement | null>>, count: () => number, headerPx: number) {
  const virtualizer = useVirtualizer(
    computed(() => ({
      count: count(),
      getScrollElement: () => host.value,
      estimateSize: () => rowHeightPx,
      overscan,
      scrollMargin: headerPx,
      scrollPaddingStart: headerPx,
    })),
  )
  const rows = computed((): readonly WindowRow[] => {
    const items = virtualizer.value.getVirtualItems()
    // Consecutive positions modulo their number never collide, so that scrolling re-uses elements instead of making them.
    const slots = slotsFor(items.length)
    return items.map(({ index, start }) => ({
      position: index,
      offsetPx: start - headerPx,
      slot: index % slots,
    }))
  })
  return {
    rows,
    heightPx: computed(() => virtualizer.value.getTotalSize()),
    reveal: (position: number) => {
      virtualizer.value.scrollToIndex(position)
    },
    /** How many rows a page key moves. */
    pageRows: () => Math.max(1, Math.floor(((host.value?.clientHeight ?? 0) - headerPx) / rowHeightPx) - 1),
  }
}

/** A power of two, so that the number of slots stays while the number of rows on screen varies by a few. */
function slotsFor(rows: number): number {
  let slots = 64
  while (slots < rows) slots *= 2
  return slots
}
