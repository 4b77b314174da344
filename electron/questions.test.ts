import type { BrowserWindow, Dialog, MessageBoxOptions } from 'electron'
import { describe, expect, test } from 'vitest'
import { languages, type Language } from '../contract/app/language.ts'
import { createQuestions, type Questions } from './questions.ts'
import { words } from './words.ts'

interface Scene {
  readonly questions: Questions
  readonly boxes: MessageBoxOptions[]
  readonly parents: unknown[]
}

/** A person who presses the button with these words. */
function setUp(language: Language, button: string, window?: object): Scene {
  const boxes: MessageBoxOptions[] = []
  const parents: unknown[] = []
  const showMessageBox = (...args: unknown[]): Promise<{ response: number; checkboxChecked: boolean }> => {
    const options = args.at(-1) as MessageBoxOptions
    boxes.push(options)
    parents.push(args.length > 1 ? args[0] : undefined)
    return Promise.resolve({ response: options.buttons?.indexOf(button) ?? -1, checkboxChecked: false })
  }
  const dialog = { showMessageBox: showMessageBox as Dialog['showMessageBox'] }
  const parts = { dialog, window: () => window as BrowserWindow | undefined, language: () => language }
  return { questions: createQuestions(parts), boxes, parents }
}

describe.each(languages)('in %s', (language) => {
  const { close, crash } = words[language]

  test('the app closes only when the person says so', async () => {
    expect(await setUp(language, close.close).questions.mayClose(2)).toBe(true)
    expect(await setUp(language, close.keep).questions.mayClose(2)).toBe(false)
  })

  test('the question says how many actions there are, and both Enter and Escape keep them going', async () => {
    const { questions, boxes } = setUp(language, close.keep)
    await questions.mayClose(12)
    const [{ message, buttons = [], defaultId = 1, cancelId = 1 } = { message: '' }] = boxes
    expect(message).toContain('12')
    expect([buttons[defaultId], buttons[cancelId]]).toEqual([close.keep, close.keep])
  })

  test('a window that crashed twice is opened again, or the app closed', async () => {
    expect(await setUp(language, crash.reopen).questions.mayReopen()).toBe(true)
    expect(await setUp(language, crash.close).questions.mayReopen()).toBe(false)
  })
})

test('one action is spoken of as one', () => {
  expect(words.en.close.message(1)).toBe('An action is still going on.')
})

test('the question belongs to the window where there is one', async () => {
  const window = {}
  const { questions, parents } = setUp('en', words.en.close.keep, window)
  await questions.mayClose(1)
  expect(parents).toEqual([window])
})
