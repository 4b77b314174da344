import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Dialog } from 'electron'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../contract/errors.ts'
import type { FileToSave } from '../core/ports/desktop.ts'
import { FakeLog } from '../core/testing/fakes.ts'
import { createDesktop } from './desktop.ts'

const kind = { name: 'Drover campaign', extension: 'json' }

let folder: string

beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'drover-desktop-'))))
afterEach(() => rm(folder, { recursive: true }))

/** A person who always chooses the same file, or none. */
function desktopOf(choice: string | undefined): ReturnType<typeof createDesktop> {
  const dialog = {
    showSaveDialog: () => Promise.resolve({ canceled: choice === undefined, filePath: choice ?? '' }),
    showOpenDialog: () =>
      Promise.resolve({ canceled: choice === undefined, filePaths: choice ? [choice] : [] }),
  } satisfies Pick<Dialog, 'showSaveDialog' | 'showOpenDialog'>
  const clipboard = { writeText: () => Promise.resolve() }
  return createDesktop({ clipboard, dialog, window: () => undefined, log: new FakeLog() })
}

function fileOf(content: FileToSave['content']): FileToSave {
  return { suggestedName: 'canary.json', kind, content }
}

function* failing(): Generator<string> {
  yield 'half'
  throw new AppError('internal', 'The journal was changed.')
}

describe('saving a file', () => {
  test('writes all of it, and says its name without its folder', async () => {
    const chosen = path.join(folder, 'mine.json')
    expect(await desktopOf(chosen).saveFile(fileOf(['{"a":', '1}']))).toBe('mine.json')
    expect(await readFile(chosen, 'utf8')).toBe('{"a":1}')
    expect(await readdir(folder)).toEqual(['mine.json'])
  })

  test('does nothing when the person changes their mind', async () => {
    expect(await desktopOf(undefined).saveFile(fileOf(['x']))).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  test('leaves what was there when the content ends in an error, and nothing half-written', async () => {
    const chosen = path.join(folder, 'mine.json')
    await writeFile(chosen, 'old')
    await expect(desktopOf(chosen).saveFile(fileOf(failing()))).rejects.toThrow('The journal was changed.')
    expect(await readFile(chosen, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['mine.json'])
  })

  test('says what to do when the folder cannot be written to', async () => {
    const chosen = path.join(folder, 'nowhere', 'mine.json')
    await expect(desktopOf(chosen).saveFile(fileOf(['x']))).rejects.toMatchObject({
      code: 'internal',
      message: 'mine.json could not be written.',
      nextStep: expect.stringContaining('disk') as string,
    })
  })
})

describe('opening a file', () => {
  test('gives its name and its text', async () => {
    const chosen = path.join(folder, 'mine.json')
    await writeFile(chosen, '{"ü":1}')
    expect(await desktopOf(chosen).openFile(kind)).toEqual({ name: 'mine.json', text: '{"ü":1}' })
  })

  test('gives nothing when the person changes their mind', async () => {
    expect(await desktopOf(undefined).openFile(kind)).toBeUndefined()
  })

  test('says so when the file is gone, and names no folder', async () => {
    const error: unknown = await desktopOf(path.join(folder, 'gone.json')).openFile(kind).catch(String)
    expect(error).toContain('gone.json could not be read.')
    expect(error).not.toContain(folder)
  })

  test('refuses a file that is too long before reading it', async () => {
    const chosen = path.join(folder, 'long.json')
    await writeFile(chosen, '')
    await truncate(chosen, 150_000_001)
    await expect(desktopOf(chosen).openFile(kind)).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
