/** Why a lock file of this content forbids destructive actions: its first line, or that it is there. */
export function fileLock(content: string): string {
  const firstLine = content.trimStart().split('\n', 1)[0] ?? ''
  const printable = firstLine.replaceAll(/\p{Cc}/gu, ' ').trim()
  return printable === '' ? 'the update lock of this device is set' : printable.slice(0, 256).toWellFormed()
}
