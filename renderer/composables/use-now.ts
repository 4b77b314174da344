import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const tickMs = 1_000

/** The time in milliseconds since the epoch, again every second: ages on screen are in seconds at their finest. */
export function useNow(): Readonly<Ref<number>> {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    now.value = Date.now()
  }, tickMs)
  onScopeDispose(() => {
    clearInterval(timer)
  })
  return readonly(now)
}
