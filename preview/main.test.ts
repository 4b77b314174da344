import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'drover-app-'))
  writeFileSync(
    path.join(folder, 'package.json'),
    '{"name":"x","version":"1.2.3","type":"module","main":"main.js"}',
  )
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Runs an app of this source in the look-alike, with a Chromium that no test here needs. */
function run(source: string, chromium = 'none'): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(path.join(folder, 'main.js'), source)
  const program = path.join(import.meta.dirname, 'main.ts')
  const flags = [`--chromium=${chromium}`, `--user-data-dir=${path.join(folder, 'data')}`]
  return spawnSync(process.execPath, [program, ...flags, folder], { encoding: 'utf8' })
}

describe('an app in the look-alike', () => {
  test('finds its version, its folders and its flags', () => {
    const { status, stdout } = run(`
      import { app } from 'electron'
      await app.whenReady()
      const flags = ['user-data-dir', 'no-sandbox'].map((name) => app.commandLine.hasSwitch(name))
      console.log(JSON.stringify([app.getVersion(), app.isPackaged, app.getPath('userData').endsWith('data'), flags]))
      app.exit(3)`)
    expect(JSON.parse(stdout)).toEqual(['1.2.3', false, true, [true, false]])
    expect(status).toBe(3)
  })

  test('is told that no secret is safe', () => {
    const { stdout } = run(`
      import { app, safeStorage } from 'electron'
      console.log(await safeStorage.isAsyncEncryptionAvailable(), safeStorage.getSelectedStorageBackend())
      app.exit()`)
    expect(stdout).toBe('false unknown\n')
  })

  test('may put off its end', () => {
    const { stdout, status } = run(`
      import { app } from 'electron'
      let times = 0
      app.on('before-quit', (event) => {
        console.log('asked')
        if (++times > 1) return
        event.preventDefault()
        setTimeout(() => app.quit())
      })
      app.quit()`)
    expect(stdout).toBe('asked\nasked\n')
    expect(status).toBe(0)
  })

  test('is told of notes and of sleep by the terminal', () => {
    const { stderr, stdout } = run(`
      import { app, Notification, powerMonitor, powerSaveBlocker } from 'electron'
      powerMonitor.on('shutdown', () => {})
      if (Notification.isSupported()) new Notification({ title: 'Reboot', body: 'done' }).show()
      const id = powerSaveBlocker.start('prevent-app-suspension')
      console.log(powerSaveBlocker.isStarted(id), powerSaveBlocker.stop(id), powerSaveBlocker.isStarted(id))
      app.exit()`)
    expect(stderr).toContain('Notification: Reboot: done')
    expect(stderr).toContain('Power save blocker 1 started: prevent-app-suspension')
    expect(stdout).toBe('true true false\n')
  })

  test('talks to a process of its own by process.parentPort', () => {
    writeFileSync(
      path.join(folder, 'child.js'),
      `process.parentPort.on('message', ({ data }) => process.parentPort.postMessage([data, process.env.ONLY, typeof process.send]))`,
    )
    const { stdout } = run(`
      import path from 'node:path'
      import { app, utilityProcess } from 'electron'
      const child = utilityProcess.fork(path.join(import.meta.dirname, 'child.js'), [], { env: { ONLY: 'this' } })
      child.on('message', (message) => { console.log(JSON.stringify(message)); child.kill() })
      child.on('exit', () => app.exit())
      child.postMessage({ hello: 1 })`)
    expect(JSON.parse(stdout)).toEqual([{ hello: 1 }, 'this', 'undefined'])
  })
})

describe('what the look-alike does not have is named', () => {
  test.each([
    ['a module', `import { Tray } from 'electron'; new Tray()`, 'The Electron look-alike has no Tray.'],
    [
      'a member',
      `import { app } from 'electron'; app.getLocale()`,
      'The Electron look-alike has no app.getLocale.',
    ],
    [
      'an event',
      `import { app } from 'electron'; app.on('activate', () => {})`,
      "never emits 'activate' on app",
    ],
    ['a path', `import { app } from 'electron'; app.getPath('music')`, "has no app.getPath('music')"],
    [
      'a window that is less safe',
      `import { BrowserWindow } from 'electron'; new BrowserWindow({ webPreferences: { sandbox: false } })`,
      'only with contextIsolation: true',
    ],
  ])('%s', (_name, source, message) => {
    const { status, stderr } = run(source)
    expect(stderr).toContain(message)
    expect(status).toBe(1)
  })
})

describe('a Chromium that does not come up', () => {
  const source = `
    import { app, BrowserWindow } from 'electron'
    app.on('window-all-closed', () => app.quit())
    const webPreferences = { contextIsolation: true, sandbox: true, nodeIntegration: false }
    new BrowserWindow({ webPreferences }).loadURL('app://x/').catch((error) => { console.error(error.message); app.exit(1) })`

  test('because it is not there is an error', () => {
    const { status, stderr } = run(source)
    expect(stderr).toContain('Chromium could not be started: spawn none ENOENT')
    expect(status).toBe(1)
  })

  test('because it fails is an error, with what it said', () => {
    const chromium = path.join(folder, 'chromium')
    writeFileSync(chromium, '#!/bin/sh\necho libnss3.so is missing >&2\nexit 127\n', { mode: 0o755 })
    const { status, stderr } = run(source, chromium)
    expect(stderr).toContain('Chromium ended with code 127.\nlibnss3.so is missing')
    expect(status).toBe(1)
  })
})

test('without a Chromium or an app the usage is printed', () => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    encoding: 'utf8',
  })
  expect(stderr).toContain('Usage: ')
  expect(status).toBe(1)
})
