const isMac = navigator.platform.startsWith('Mac')

/** How the platform writes the key that goes with a letter for a command. */
export const commandKey = isMac ? '⌘' : 'Ctrl+'

export function hasCommandKey(event: KeyboardEvent | MouseEvent): boolean {
  return isMac ? event.metaKey : event.ctrlKey
}

/** The key that was pressed. With a Korean layout the R key says ㄱ, and is meant as R where nothing is typed. */
export function keyOf({ key, code }: KeyboardEvent): string {
  const isOtherScript = key.length === 1 && key > '\u007f'
  return isOtherScript && /^Key[A-Z]$/.test(code) ? code.slice(-1).toLowerCase() : key
}
