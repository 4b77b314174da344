import type { Notification } from 'electron'
import type { Desktop, Note } from '../core/ports/desktop.ts'

export interface NotesParts {
  readonly isSupported: () => boolean
  readonly create: (note: Note) => Pick<Notification, 'once' | 'show'>
  /** Brings the window before the person. */
  readonly focus: () => void
}

/** The system does not always tell that a note is gone: the oldest of more than these is taken for gone. */
const mostOpen = 20

/** Notes of the operating system, which bring the window before the person who chooses one. */
export function createNotes({ isSupported, create, focus }: NotesParts): Desktop['notify'] {
  // A note that nothing refers to is collected, and its events with it.
  const open = new Map<object, (isChosen: boolean) => void>()

  return async (note) => {
    if (!isSupported()) return { isChosen: false }
    const shown = create(note)
    const isChosen = await new Promise<boolean>((resolve) => {
      open.set(shown, resolve)
      const end = (isChosenNow: boolean): void => {
        open.delete(shown)
        if (isChosenNow) focus()
        resolve(isChosenNow)
      }
      shown.once('click', () => end(true))
      shown.once('close', () => end(false))
      shown.once('failed', () => end(false))
      shown.show()
      forgetOldest()
    })
    return { isChosen }
  }

  function forgetOldest(): void {
    const [oldest] = open
    if (open.size <= mostOpen || !oldest) return
    const [shown, resolve] = oldest
    open.delete(shown)
    resolve(false)
  }
}
