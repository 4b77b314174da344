import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { DevTools } from './devtools.ts'

export interface LaunchOptions {
  readonly program: string
  readonly width: number
  readonly height: number
  readonly isHeadless: boolean
  /** As Electron's flag of that name; undefined for no port at all. */
  readonly remoteDebuggingPort: string | undefined
}

export interface Chromium {
  readonly devTools: DevTools
  readonly exited: Promise<void>
  /** Asks it to close, ends it when it does not, and removes its profile. */
  close(): Promise<void>
  /** Ends it at once; for the last moment of this process. */
  kill(): void
}

/** Chromium must come up alone: no network, no first-run pages, no prompts, nothing kept. */
const quiet = [
  // Not one name is resolved: the window's pages come from the app, and from nowhere else.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-breakpad',
  '--disable-domain-reliability',
  '--disable-client-side-phishing-detection',
  '--disable-search-engine-choice-screen',
  '--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication,GlobalMediaControls',
  '--hide-crash-restore-bubble',
  '--deny-permission-prompts',
  '--password-store=basic',
  '--use-mock-keychain',
]

const profilePrefix = 'drover-chromium-'
const closeMs = 3_000
const linesKept = 20

/** Starts Chromium as an app window with nothing in it, driven over a pipe that only this process holds. */
export function launchChromium(options: LaunchOptions): Chromium {
  sweepProfiles()
  const profile = mkdtempSync(path.join(os.tmpdir(), `${profilePrefix}${process.pid}-`))
  const child = spawn(options.program, flags(options, profile), {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      if (!code) resolve()
    })
    // A failure is told only after what was said about it.
    child.once('close', () => resolve())
    child.once('error', (error) => {
      process.stderr.write(`Chromium could not be started: ${error.message}\n`)
      process.exit(1)
    })
  })
  forwardOutput(child)
  // Chromium reads commands from its descriptor 3 and writes to 4, and ends when they are closed.
  const devTools = new DevTools(child.stdio[4] as Readable, child.stdio[3] as Writable)
  const removeProfile = (): void =>
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })

  return {
    devTools,
    exited,
    async close() {
      const timer = setTimeout(() => child.kill('SIGKILL'), closeMs)
      // It may be gone already, and then there is nothing to ask.
      devTools.browser.send('Browser.close').catch(() => undefined)
      await exited
      clearTimeout(timer)
      removeProfile()
    },
    kill() {
      child.kill('SIGKILL')
      removeProfile()
    },
  }
}

function flags({ width, height, isHeadless, remoteDebuggingPort }: LaunchOptions, profile: string): string[] {
  // Chromium refuses its own sandbox to root. `--test-type` keeps it from saying so in a bar over the window.
  const isRoot = process.getuid?.() === 0
  return [
    ...quiet,
    '--remote-debugging-pipe',
    ...(remoteDebuggingPort === undefined ? [] : [`--remote-debugging-port=${remoteDebuggingPort}`]),
    ...(isRoot ? ['--no-sandbox', '--test-type'] : []),
    ...(isHeadless ? ['--headless', '--mute-audio'] : []),
    `--user-data-dir=${profile}`,
    `--window-size=${width},${height}`,
    '--app=data:text/html,',
  ]
}

/** Of what Chromium says on its way only the line that says where its port is; the rest only when it fails. */
function forwardOutput(child: ChildProcess): void {
  if (!child.stderr) return
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('DevTools listening on ')) process.stderr.write(`${line}\n`)
    else if (lines.push(line) > linesKept) lines.shift()
  })
  child.once('close', (code) => {
    if (code !== null && code !== 0)
      process.stderr.write(`Chromium ended with code ${code}.\n${lines.join('\n')}\n`)
  })
}

/** A process that is killed leaves its Chromium's profile behind; the next one removes it. */
function sweepProfiles(): void {
  for (const name of readdirSync(os.tmpdir())) {
    const owner = new RegExp(`^${profilePrefix}(\\d+)-`).exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) {
      rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true })
    }
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
