/** Follows the pointer from its press to its release; `onMove` gets the way from the press in pixels. */
export function followDrag(
  press: PointerEvent,
  onMove: (way: { readonly x: number; readonly y: number }) => void,
): void {
  const grip = press.currentTarget
  if (!(grip instanceof HTMLElement)) return
  press.preventDefault()
  grip.setPointerCapture(press.pointerId)
  const released = new AbortController()
  const move = (event: PointerEvent): void => {
    onMove({ x: event.clientX - press.clientX, y: event.clientY - press.clientY })
  }
  const release = (): void => {
    released.abort()
  }
  grip.addEventListener('pointermove', move, { signal: released.signal })
  grip.addEventListener('pointerup', release, { signal: released.signal })
  grip.addEventListener('pointercancel', release, { signal: released.signal })
}
