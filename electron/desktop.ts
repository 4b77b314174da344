import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { BrowserWindow, Clipboard, Dialog } from 'electron'
import { AppError } from '../contract/errors.ts'
import { fault } from '../contract/faults.ts'
import type { Desktop, FileKind, FileToSave } from '../core/ports/desktop.ts'
import type { Log } from '../core/ports/log.ts'

interface DesktopParts {
  readonly clipboard: Pick<Clipboard, 'writeText'>
  readonly dialog: Pick<Dialog, 'showSaveDialog' | 'showOpenDialog'>
  /** The window that the dialogs belong to. */
  readonly window: () => BrowserWindow | undefined
  readonly log: Log
}

/** A campaign over a million devices has 130 MB at most; nothing that people keep by hand is longer. */
const longestFile = 150_000_000

/** The clipboard and the dialogs for files. */
export function createDesktop({
  clipboard,
  dialog,
  window,
  log,
}: DesktopParts): Pick<Desktop, 'copyText' | 'saveFile' | 'openFile'> {
  return {
    copyText(text) {
      clipboard.writeText(text).catch((error: unknown) => log.bug('copy-failed', error))
    },
    async saveFile(file) {
      const options = { defaultPath: file.suggestedName, filters: [toFilter(file.kind)] }
      const parent = window()
      const { canceled, filePath } = await (parent
        ? dialog.showSaveDialog(parent, options)
        : dialog.showSaveDialog(options))
      if (canceled || !filePath) return undefined
      await writeWhole(filePath, file)
      return path.basename(filePath)
    },
    async openFile(kind) {
      const options = { filters: [toFilter(kind)], properties: ['openFile' as const] }
      const parent = window()
      const { canceled, filePaths } = await (parent
        ? dialog.showOpenDialog(parent, options)
        : dialog.showOpenDialog(options))
      const [filePath] = filePaths
      if (canceled || filePath === undefined) return undefined
      return { name: path.basename(filePath), text: await readText(filePath) }
    },
  }
}

function toFilter({ name, extension }: FileKind): { name: string; extensions: string[] } {
  return { name, extensions: [extension] }
}

/** The content goes to a file beside it first, so that what is there stays until the new one is whole. */
async function writeWhole(filePath: string, { content }: FileToSave): Promise<void> {
  const temporary = `${filePath}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      for await (const piece of content) await file.write(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, filePath)
  } catch (cause) {
    await rm(temporary, { force: true })
    if (cause instanceof AppError) throw cause
    throw fault('file-unwritable', { file: path.basename(filePath) }, { cause })
  }
}

async function readText(filePath: string): Promise<string> {
  const name = path.basename(filePath)
  try {
    const { size } = await stat(filePath)
    if (size > longestFile) throw fault('file-too-long', { file: name })
    return await readFile(filePath, 'utf8')
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw fault('file-unreadable', { file: name }, { cause })
  }
}
