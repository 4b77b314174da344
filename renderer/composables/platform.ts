const isMac = navigator.platform.startsWith('Mac')

/** How the platform writes the key that goes with a letter for a command. */
export const commandKey = isMac ? '⌘' : 'Ctrl+'

export function hasCommandKey(event: KeyboardEvent | MouseEvent): boolean {
  return isMac ? event.metaKey : event.ctrlKey
}
