import type { BrowserWindow, Dialog, MessageBoxOptions } from 'electron'
import type { Language } from '../contract/app/language.ts'
import { words } from './words.ts'

interface QuestionParts {
  readonly dialog: Pick<Dialog, 'showMessageBox'>
  /** The window that the questions belong to. */
  readonly window: () => BrowserWindow | undefined
  readonly language: () => Language
}

/** What the app asks outside of its page: while it closes, and when there is no page that could ask. */
export interface Questions {
  /** Whether the app may close although so many actions need it. */
  readonly mayClose: (actions: number) => Promise<boolean>
  /** Whether the window is to be opened again, rather than the app closed. */
  readonly mayReopen: () => Promise<boolean>
}

export function createQuestions({ dialog, window, language }: QuestionParts): Questions {
  async function ask(options: MessageBoxOptions): Promise<number> {
    const parent = window()
    const { response } = await (parent
      ? dialog.showMessageBox(parent, options)
      : dialog.showMessageBox(options))
    return response
  }

  return {
    async mayClose(actions) {
      const { message, detail, keep, close } = words[language()].close
      // Escape and Enter both mean what destroys nothing.
      const buttons = { buttons: [keep, close], defaultId: 0, cancelId: 0, noLink: true }
      return (await ask({ type: 'question', message: message(actions), detail, ...buttons })) === 1
    },
    async mayReopen() {
      const { message, detail, reopen, close } = words[language()].crash
      const buttons = { buttons: [reopen, close], defaultId: 0, cancelId: 1, noLink: true }
      return (await ask({ type: 'warning', message, detail, ...buttons })) === 0
    },
  }
}
