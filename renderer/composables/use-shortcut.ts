import { onScopeDispose } from 'vue'
import { hasCommandKey, keyOf } from './platform.ts'

interface ShortcutOptions {
  /** Together with Ctrl, or Cmd on a Mac: then it is never typed. */
  readonly isHeld?: boolean
}

/** Runs when a key is pressed anywhere in the window, except where it would be typed or a dialog is open. */
export function useShortcut(key: string, run: () => void, { isHeld = false }: ShortcutOptions = {}): void {
  const isMeant = (event: KeyboardEvent): boolean =>
    keyOf(event) === key &&
    !event.altKey &&
    (isHeld ? hasCommandKey(event) && !event.shiftKey : !event.ctrlKey && !event.metaKey)
  const listen = (event: KeyboardEvent): void => {
    if (!isMeant(event) || event.defaultPrevented) return
    if ((!isHeld && isTyping(event.target)) || document.querySelector('[role="dialog"]')) return
    event.preventDefault()
    run()
  }
  window.addEventListener('keydown', listen)
  onScopeDispose(() => {
    window.removeEventListener('keydown', listen)
  })
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}
