import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { candidates, findChromium } from './chromium.ts'

describe('a browser is looked for', () => {
  test('on Linux along the path, Chromium first', () => {
    const found = candidates('linux', { PATH: '/a:/b' })
    expect(found.slice(0, 4)).toEqual([
      '/a/chromium',
      '/b/chromium',
      '/a/chromium-browser',
      '/b/chromium-browser',
    ])
    expect(found).toContain('/b/google-chrome')
    expect(found).toContain('/b/microsoft-edge')
  })

  test('on macOS among the applications of all and of the user', () => {
    const found = candidates('darwin', { HOME: '/Users/a' })
    expect(found).toContain('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome')
    expect(found).toContain('/Users/a/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge')
  })

  test('on Windows in the folders for programs that are set', () => {
    const found = candidates('win32', { ProgramFiles: 'C:\\Programs', LOCALAPPDATA: 'C:\\Local' })
    expect(found).toEqual([
      'C:\\Programs\\Google\\Chrome\\Application\\chrome.exe',
      'C:\\Local\\Google\\Chrome\\Application\\chrome.exe',
      'C:\\Programs\\Microsoft\\Edge\\Application\\msedge.exe',
      'C:\\Local\\Microsoft\\Edge\\Application\\msedge.exe',
    ])
  })
})

describe('the browser that CHROMIUM names', () => {
  let folder: string
  const before = process.env['CHROMIUM']

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'drover-chromium-test-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
    if (before === undefined) delete process.env['CHROMIUM']
    else process.env['CHROMIUM'] = before
  })

  test('is taken before any other', async () => {
    const program = path.join(folder, 'mine')
    writeFileSync(program, '')
    chmodSync(program, 0o755)
    process.env['CHROMIUM'] = program
    expect(await findChromium({ needsWindow: true })).toBe(program)
  })

  test('must be there: another one is not taken in its place', async () => {
    process.env['CHROMIUM'] = path.join(folder, 'none')
    await expect(findChromium({ needsWindow: false })).rejects.toThrow('there is no such program')
  })
})
