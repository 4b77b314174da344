import { ref, watch, type Ref } from 'vue'

/**
 * A value that this machine remembers. What is stored may be of another version or damaged: `parse` gives undefined
 * for it, and the fallback is used.
 */
export function remembered<T>(name: string, fallback: T, parse: (value: unknown) => T | undefined): Ref<T> {
  const key = `drover.${name}`
  const value = ref(parse(stored(key)) ?? fallback) as Ref<T>
  watch(value, (current) => {
    localStorage.setItem(key, JSON.stringify(current))
  })
  return value
}

function stored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null')
  } catch {
    return undefined
  }
}
