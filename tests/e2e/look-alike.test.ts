import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../build/chromium.ts'
import { installedElectron } from '../../build/find-electron.ts'
import { projectFolder } from '../../build/run-program.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

const electron = installedElectron()
const running: LaunchedApp[] = []

async function launch(userDataDir?: string): Promise<LaunchedApp> {
  const app = await launchApp(userDataDir === undefined ? {} : { userDataDir })
  running.push(app)
  return app
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()))
})

describe('the life of the app', () => {
  test('the built main process opens a window on the built page', async () => {
    const { page, output } = await launch()
    expect(await page.title()).toBe('Drover')
    await expect.poll(() => page.getByRole('grid').isVisible()).toBe(true)
    await expect.poll(output).toContain('"event":"started"')
  })

  test('closing the window ends the app, and the app closes what it had open', async () => {
    const app = await launch()
    const ended = once(app.process, 'exit')
    await app.page.close()
    expect(await ended).toEqual([0, null])
  })

  test('SIGTERM ends the app with exit code 0', async () => {
    const app = await launch()
    const ended = once(app.process, 'exit')
    app.process.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  test('a second instance leaves at once and the first stays', async () => {
    const userData = mkdtempSync(path.join(os.tmpdir(), 'drover-data-'))
    const first = await launch(userData)
    const second = launchApp({ userDataDir: userData })
    await expect(second).rejects.toThrow('The app did not start')
    expect(await first.page.title()).toBe('Drover')
    await first.close()
    rmSync(userData, { recursive: true })
  })
})

describe.skipIf(electron !== undefined || process.platform !== 'linux')(
  'the look-alike and its Chromium',
  () => {
    let chromium = ''

    beforeAll(async () => {
      chromium = await findChromium({ needsWindow: false })
    })

    test('killing the app leaves no Chromium and no local hub behind', async () => {
      const app = await launch()
      const family = descendants(app.process.pid ?? 0)
      expect(family.length).toBeGreaterThan(3)
      app.kill()
      await expect.poll(() => family.filter(isRunning), { timeout: 15_000 }).toEqual([])
    })

    test('killing Chromium ends the app', async () => {
      const app = await launch()
      const ended = once(app.process, 'exit')
      const browser = descendants(app.process.pid ?? 0).find((each) =>
        commandLine(each).includes('--remote-debugging-pipe'),
      )
      process.kill(browser ?? 0, 'SIGKILL')
      expect(await ended).toEqual([0, null])
    })

    test('nothing listens on a port unless it is asked to', async () => {
      const userData = mkdtempSync(path.join(os.tmpdir(), 'drover-data-'))
      const flags = [`--chromium=${chromium}`, '--headless', `--user-data-dir=${userData}`]
      const child = spawn(process.execPath, [
        path.join(projectFolder, 'preview/main.ts'),
        ...flags,
        projectFolder,
      ])
      const ended = once(child, 'exit')
      let printed = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text))
      await expect.poll(() => printed, { timeout: 20_000 }).toContain('"event":"started"')
      expect(printed).not.toContain('DevTools listening')
      const browser = descendants(child.pid ?? 0).filter((each) =>
        commandLine(each).includes(chromiumProfile(child.pid)),
      )
      expect(browser.length).toBeGreaterThan(0)
      expect(browser.flatMap(listeningSockets)).toEqual([])
      child.kill('SIGTERM')
      await ended
      rmSync(userData, { recursive: true })
    })

    test('the profile of the window is removed when the app ends', async () => {
      const app = await launch()
      const prefix = chromiumProfile(app.process.pid)
      const profiles = (): string[] => readdirSync(os.tmpdir()).filter((name) => name.startsWith(prefix))
      expect(profiles()).toHaveLength(1)
      await app.close()
      expect(profiles()).toEqual([])
    })
  },
)

function chromiumProfile(processId: number | undefined): string {
  return `drover-chromium-${processId ?? 0}-`
}

/** The processes below one, at any depth. */
function descendants(processId: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === processId)
    .map(Number)
  return [...children, ...children.flatMap(descendants)]
}

function parentOf(processId: number): number | undefined {
  const status = readProcess(processId, 'status')
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
}

/** A zombie has ended; only nobody has asked for its exit code yet. */
function isRunning(processId: number): boolean {
  return existsSync(`/proc/${processId}`) && !/^State:\s+Z/m.test(readProcess(processId, 'status'))
}

function commandLine(processId: number): string {
  return readProcess(processId, 'cmdline').replaceAll('\0', ' ')
}

/** Inodes of the process's TCP sockets in state LISTEN (0A in /proc/net/tcp). */
function listeningSockets(processId: number): string[] {
  const table = readProcess(processId, 'net/tcp') + readProcess(processId, 'net/tcp6')
  const listening = new Set(
    [...table.matchAll(/^\s*\d+: \S+ \S+ 0A (?:\S+\s+){5}(\d+)/gm)].map(([, inode]) => inode),
  )
  const descriptors = readdirSync(`/proc/${processId}/fd`)
  return descriptors.flatMap((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${processId}/fd/${name}`))?.[1]
    return inode !== undefined && listening.has(inode) ? [inode] : []
  })
}

function readLink(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}

/** Empty when the process has ended meanwhile. */
function readProcess(processId: number, name: string): string {
  try {
    return readFileSync(`/proc/${processId}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
