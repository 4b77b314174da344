import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { buildApp } from '../../../build/build.ts'
import { findChromium } from '../../../build/chromium.ts'
import { installedElectron } from '../../../build/find-electron.ts'
import { projectFolder } from '../../../build/run-program.ts'

export interface LaunchOptions {
  /** A folder to keep the app's data in; one of its own that is removed on close, when left out. */
  readonly userDataDir?: string
  /** Where files are saved to and opened from, as nobody is there to answer a dialog. */
  readonly filesFolder?: string
  /** Without a window on the screen; true when left out. Real Electron always has one. */
  readonly headless?: boolean
}

export interface LaunchedApp {
  readonly page: Page
  readonly process: ChildProcess
  /** Finds the page anew, after its process has ended. */
  readonly pageAgain: () => Promise<Page>
  /** Ends the app as a person does who insists, and resolves when it has ended. */
  readonly close: () => Promise<void>
  /** Ends the app without letting it know. */
  readonly kill: () => void
  /** What the app has printed. */
  readonly output: () => string
}

const startMs = 30_000
const pageUrls = /^(?:app:\/\/drover|https:\/\/drover\.app\.invalid)\//

/** Starts the built app in a process of its own: in Electron where its binary is present, else in the look-alike. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  await buildApp()
  const { userDataDir } = options
  const userData = userDataDir ?? mkdtempSync(path.join(os.tmpdir(), 'drover-data-'))
  const child = await spawnApp(userData, options)
  const ended = once(child, 'exit')
  const printed = collectOutput(child)
  let browser: Browser | undefined

  const removeData = (): void => {
    if (userDataDir === undefined) rmSync(userData, { recursive: true, force: true, maxRetries: 5 })
  }
  const close = async (): Promise<void> => {
    await browser?.close().catch(() => undefined)
    child.kill('SIGTERM')
    // With an action under way the app asks whether it may close; asking it once more is the answer.
    const insisting = setInterval(() => child.kill('SIGTERM'), 500)
    await ended
    clearInterval(insisting)
    removeData()
  }
  try {
    const address = await devToolsAddress(child, printed)
    const pageAgain = async (): Promise<Page> => {
      await browser?.close()
      browser = await chromium.connectOverCDP(address)
      return appPage(browser)
    }
    const page = await pageAgain()
    const output = (): string => printed.text
    return { page, process: child, pageAgain, close, kill: () => child.kill('SIGKILL'), output }
  } catch (error) {
    await close()
    throw new Error(`The app did not start. It printed:\n${printed.text}`, { cause: error })
  }
}

async function spawnApp(
  userData: string,
  { headless: isHeadless = true, filesFolder }: LaunchOptions,
): Promise<ChildProcess> {
  const flags = [`--user-data-dir=${userData}`, '--remote-debugging-port=0']
  const electron = installedElectron()
  const words = electron
    ? [electron, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...flags, projectFolder]
    : [
        process.execPath,
        path.join(projectFolder, 'preview/main.ts'),
        `--chromium=${await findChromium({ needsWindow: !isHeadless })}`,
        ...(isHeadless ? ['--headless'] : []),
        ...(filesFolder === undefined ? [] : [`--dialog-folder=${filesFolder}`]),
        ...flags,
        projectFolder,
      ]
  const [program = '', ...args] = words
  return spawn(program, args, { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'] })
}

interface Printed {
  text: string
}

function collectOutput(child: ChildProcess): Printed {
  const printed = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (printed.text += chunk))
  }
  return printed
}

/** Waits for the line in which Chromium, like Electron, says where its DevTools are. */
function devToolsAddress(child: ChildProcess, printed: Printed): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No DevTools line came in time.')), startMs)
    const look = (): void => {
      const address = /^DevTools listening on (ws:\S+)$/m.exec(printed.text)?.[1]
      if (address === undefined) return
      clearTimeout(timer)
      resolve(address)
    }
    child.stderr?.on('data', look)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`It ended with code ${code ?? 'unknown'}.`))
    })
  })
}

/** The window may still be empty when DevTools answer. */
async function appPage(browser: Browser): Promise<Page> {
  const [context] = browser.contexts()
  const page = context?.pages()[0] ?? (await context?.waitForEvent('page', { timeout: startMs }))
  if (!page) throw new Error('The app has no page.')
  await page.waitForURL(pageUrls, { timeout: startMs, waitUntil: 'load' })
  return page
}
