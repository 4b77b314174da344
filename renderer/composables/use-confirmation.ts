import { computed, ref } from 'vue'
import type { NewAction } from '../../contract/app/action.ts'

interface ToConfirm {
  readonly sendCount: () => number
  /** What the window calls the hub, and so does the person. */
  readonly shownName: () => string
  readonly hubName: () => string
}

/** The typed confirmation of what cannot be undone: the count that is sent to, and the hub's name. */
export function useConfirmation({ sendCount, shownName, hubName }: ToConfirm) {
  const count = ref('')
  const name = ref('')
  /** "1,200" and "1 200" are 1200: it is shown grouped. */
  const typedCount = computed(() => count.value.replaceAll(/[\s.,'’]/g, ''))
  const isCountRight = computed(() => typedCount.value !== '' && Number(typedCount.value) === sendCount())
  const isNameRight = computed(() => name.value.trim() === shownName())
  return {
    count,
    name,
    isCountRight,
    isNameRight,
    isRight: computed(() => isCountRight.value && isNameRight.value),
    value: (): NonNullable<NewAction['confirmation']> => ({ count: sendCount(), hubName: hubName() }),
  }
}
