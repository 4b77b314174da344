import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDialog } from './dialog.ts'

const filters = [{ name: 'Drover campaign', extensions: ['json'] }]
let folder: string
let printed: string[]
const print = (line: string): void => void printed.push(line)

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'drover-dialog-'))
  printed = []
})
afterEach(() => rmSync(folder, { recursive: true }))

type Dialogs = ReturnType<typeof createDialog>

/** Dialogs before a person who says yes or no, or a page that has gone. */
function dialogOf(
  files: string | undefined,
  confirm: (text: string) => Promise<boolean> = () => Promise.reject(new Error('gone')),
): Dialogs {
  return createDialog({ folder: files, confirm, print })
}

test('a file is saved under its suggested name, and the terminal says where', async () => {
  const filePath = path.join(folder, 'a.json')
  expect(await dialogOf(folder).showSaveDialog({ defaultPath: 'a.json', filters })).toMatchObject({
    canceled: false,
    filePath,
  })
  expect(printed).toEqual([`Saving ${filePath}`])
})

test('the newest file of the kind is opened', async () => {
  for (const [name, time] of [
    ['old.json', 1_000],
    ['new.json', 2_000],
    ['newer.csv', 3_000],
  ] as const) {
    writeFileSync(path.join(folder, name), '')
    utimesSync(path.join(folder, name), time, time)
  }
  const { filePaths } = await dialogOf(folder).showOpenDialog({ filters })
  expect(filePaths).toEqual([path.join(folder, 'new.json')])
})

test('nothing is opened where there is nothing of the kind', async () => {
  expect(await dialogOf(folder).showOpenDialog({ filters })).toMatchObject({ canceled: true })
})

test('without a folder the person has changed their mind, and the terminal says what to do', async () => {
  const dialog = dialogOf(undefined)
  expect(await dialog.showSaveDialog({ defaultPath: 'a.json' })).toMatchObject({
    canceled: true,
    filePath: '',
  })
  expect(await dialog.showOpenDialog({ filters })).toMatchObject({ canceled: true, filePaths: [] })
  expect(printed.join()).toContain('--dialog-folder')
})

const question = { message: 'Close?', detail: 'It waits.', buttons: ['Keep', 'Close'], cancelId: 0 }

test.each([
  [true, 1],
  [false, 0],
])('a question is asked by the page, whose answer is %s', async (answer, response) => {
  const asked: string[] = []
  const dialog = dialogOf(folder, (text) => (asked.push(text), Promise.resolve(answer)))
  expect(await dialog.showMessageBox(question)).toEqual({ response, checkboxChecked: false })
  expect(asked).toEqual(['Close?\n\nIt waits.\n\nOK: Close\nCancel: Keep'])
})

test('a question without a page is cancelled, and the terminal says so', async () => {
  expect(await dialogOf(folder).showMessageBox(question)).toMatchObject({ response: 0 })
  expect(printed).toEqual(['Nobody could be asked: Close?'])
})

test('a question with other than two buttons is none that the look-alike can ask', async () => {
  await expect(dialogOf(folder).showMessageBox({ message: 'x', buttons: ['OK'] })).rejects.toThrow(
    'two buttons',
  )
})
