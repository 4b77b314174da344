import { EventEmitter } from 'node:events'
import type { Notification } from 'electron'
import { expect, test } from 'vitest'
import { createNotes } from './notes.ts'

class FakeNote extends EventEmitter {
  isShown = false
  show(): void {
    this.isShown = true
  }
}

function setUp(isSupported = true) {
  const shown: FakeNote[] = []
  const focused: true[] = []
  const create = (): Pick<Notification, 'once' | 'show'> => {
    const note = new FakeNote()
    shown.push(note)
    return note as unknown as Notification
  }
  const notify = createNotes({ isSupported: () => isSupported, create, focus: () => focused.push(true) })
  return { notify, shown, focused }
}

const note = { title: 'Reboot 3 devices', body: '3 succeeded' }

test('whoever chooses a note has the window before them', async () => {
  const { notify, shown, focused } = setUp()
  const answer = notify(note)
  expect(shown[0]?.isShown).toBe(true)
  shown[0]?.emit('click')
  expect(await answer).toEqual({ isChosen: true })
  expect(focused).toHaveLength(1)
})

test.each(['close', 'failed'])('a note that ends with %s leaves the window where it is', async (event) => {
  const { notify, shown, focused } = setUp()
  const answer = notify(note)
  shown[0]?.emit(event)
  expect(await answer).toEqual({ isChosen: false })
  expect(focused).toEqual([])
})

test('a system without notes is not troubled with one', async () => {
  const { notify, shown } = setUp(false)
  expect(await notify(note)).toEqual({ isChosen: false })
  expect(shown).toEqual([])
})

test('notes of which the system never says that they are gone do not pile up', async () => {
  const { notify, shown } = setUp()
  const answers = Array.from({ length: 21 }, () => notify(note))
  expect(await answers[0]).toEqual({ isChosen: false })
  shown[20]?.emit('click')
  expect(await answers[20]).toEqual({ isChosen: true })
})
