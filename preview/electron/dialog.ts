import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Dialog, FileFilter, MessageBoxOptions, OpenDialogOptions, SaveDialogOptions } from 'electron'
import type { Part } from './part.ts'

interface DialogParts {
  /** Where files are saved to and opened from. */
  readonly folder: string | undefined
  /** Asks the person before the page, who says yes or no. */
  readonly confirm: (text: string) => Promise<boolean>
  readonly print?: (line: string) => void
}

/**
 * Chromium shows no file dialogs for a program beside it. With `--dialog-folder=FOLDER` the look-alike answers as a
 * person would who saves every file there under its suggested name, and opens the newest of the kind that is asked
 * for; without it, as one who changes their mind. A question with two buttons is asked by the page's own confirm().
 */
export function createDialog({
  folder,
  confirm,
  print = (line) => void process.stderr.write(`${line}\n`),
}: DialogParts): Part<Dialog, 'showErrorBox' | 'showMessageBox' | 'showSaveDialog' | 'showOpenDialog'> {
  return {
    showErrorBox: (title: string, content: string) => print(`${title}: ${content}`),
    async showMessageBox(...args: unknown[]) {
      const { message, detail = '', buttons = [], cancelId = 0 } = args.at(-1) as MessageBoxOptions
      const accept = buttons.findIndex((_, index) => index !== cancelId)
      if (buttons.length !== 2) throw new Error('The Electron look-alike asks questions with two buttons.')
      const answers = `OK: ${buttons[accept] ?? ''}\nCancel: ${buttons[cancelId] ?? ''}`
      const text = `${message}\n\n${detail}\n\n${answers}`
      // Where there is no page that could ask, it is as if the person had closed the box.
      const isAccepted = await confirm(text).catch(() => (print(`Nobody could be asked: ${message}`), false))
      return { response: isAccepted ? accept : cancelId, checkboxChecked: false }
    },
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
