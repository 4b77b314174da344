/** The element that opened a dialog is often a menu item that is gone by now; a dialog below keeps the focus. */
export function returnFocus(event: Event): void {
  if (document.querySelectorAll('[role="dialog"]').length > 1) return
  event.preventDefault()
  document.querySelector<HTMLElement>('[role="grid"]')?.focus()
}
