import { expect, test } from 'vitest'
import { readCommandLine } from './command-line.ts'

test('the Chromium, the app and the flags are told apart', () => {
  const { chromium, appFolder, switches } = readCommandLine([
    '--chromium=/usr/bin/chromium',
    '--headless',
    '--user-data-dir=/a=b',
    'folder',
  ])
  expect([chromium, appFolder]).toEqual(['/usr/bin/chromium', 'folder'])
  expect(switches.has('headless')).toBe(true)
  expect(switches.get('user-data-dir')).toBe('/a=b')
  expect(switches.has('no-sandbox')).toBe(false)
})

test.each([[[]], [['--chromium=/usr/bin/chromium']], [['folder']], [['--chromium=', 'folder']]])(
  'without a Chromium or an app there is an error with the usage: %j',
  (words) => {
    expect(() => readCommandLine(words)).toThrow('Usage: ')
  },
)
