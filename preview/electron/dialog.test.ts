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

test('a file is saved under its suggested name, and the terminal says where', async () => {
  const filePath = path.join(folder, 'a.json')
  expect(await createDialog(folder, print).showSaveDialog({ defaultPath: 'a.json', filters })).toMatchObject({
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
  const { filePaths } = await createDialog(folder, print).showOpenDialog({ filters })
  expect(filePaths).toEqual([path.join(folder, 'new.json')])
})

test('nothing is opened where there is nothing of the kind', async () => {
  expect(await createDialog(folder, print).showOpenDialog({ filters })).toMatchObject({ canceled: true })
})

test('without a folder the person has changed their mind, and the terminal says what to do', async () => {
  const dialog = createDialog(undefined, print)
  expect(await dialog.showSaveDialog({ defaultPath: 'a.json' })).toMatchObject({
    canceled: true,
    filePath: '',
  })
  expect(await dialog.showOpenDialog({ filters })).toMatchObject({ canceled: true, filePaths: [] })
  expect(printed.join()).toContain('--dialog-folder')
})
