import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Dialog, FileFilter, OpenDialogOptions, SaveDialogOptions } from 'electron'
import type { Part } from './part.ts'

/**
 * Chromium shows no file dialogs for a program beside it. With `--dialog-folder=FOLDER` the look-alike answers as a
 * person would who saves every file there under its suggested name, and opens the newest of the kind that is asked
 * for; without it, as one who changes their mind.
 */
export function createDialog(
  folder: string | undefined,
  print: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Part<Dialog, 'showErrorBox' | 'showSaveDialog' | 'showOpenDialog'> {
  return {
    showErrorBox: (title: string, content: string) => print(`${title}: ${content}`),
    showSaveDialog(...args: unknown[]) {
      const { defaultPath } = args.at(-1) as SaveDialogOptions
      if (folder === undefined || defaultPath === undefined) return Promise.resolve(cancelled(print))
      const filePath = path.resolve(folder, defaultPath)
      print(`Saving ${filePath}`)
      return Promise.resolve({ canceled: false, filePath, bookmark: '' })
    },
    showOpenDialog(...args: unknown[]) {
      const { filters = [] } = args.at(-1) as OpenDialogOptions
      const newest = folder === undefined ? undefined : newestFile(folder, filters)
      if (newest === undefined) return Promise.resolve({ ...cancelled(print), filePaths: [] })
      print(`Opening ${newest}`)
      return Promise.resolve({ canceled: false, filePaths: [newest], bookmarks: [] })
    },
  }
}

function cancelled(print: (line: string) => void): { canceled: true; filePath: string } {
  print('The Electron look-alike has no file dialogs: name a folder for files with --dialog-folder=FOLDER.')
  return { canceled: true, filePath: '' }
}

function newestFile(folder: string, filters: readonly FileFilter[]): string | undefined {
  const endings = filters.flatMap(({ extensions }) => extensions).map((extension) => `.${extension}`)
  return readdirSync(folder)
    .filter((name) => endings.includes(path.extname(name)))
    .map((name) => path.join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
}
