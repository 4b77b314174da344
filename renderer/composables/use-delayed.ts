import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** Turns true a moment after its source does, so that what is quick never flickers; false at once. */
export function useDelayed(source: () => boolean, delayMs = 150): Readonly<Ref<boolean>> {
  const isShown = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    source,
    (isOn) => {
      clearTimeout(timer)
      isShown.value = false
      if (isOn) timer = setTimeout(() => (isShown.value = true), delayMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
  })
  return isShown
}
