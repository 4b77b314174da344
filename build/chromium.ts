import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'
import { getChromiumFromNpm } from './chromium-from-npm.ts'

export interface ChromiumNeeds {
  /** A real window, not only a headless page. */
  readonly needsWindow: boolean
}

const linuxNames = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
]
const macApps = ['Google Chrome', 'Chromium', 'Microsoft Edge']
const windowsPrograms = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
]

/**
 * A Chromium, Chrome or Edge: `$CHROMIUM`, else an installed one, else Debian's package when root,
 * else, where no window is needed, one from npm. Throws an Error that says what to install.
 */
export async function findChromium({ needsWindow }: ChromiumNeeds): Promise<string> {
  const asked = process.env['CHROMIUM']
  if (asked) {
    if (isProgram(asked)) return asked
    throw new Error(`CHROMIUM is set to "${asked}", and there is no such program.`)
  }
  const found =
    installedChromium() ?? chromiumFromDebian() ?? (needsWindow ? undefined : await getChromiumFromNpm())
  if (found) return found
  throw new Error(
    'No Chromium, Chrome or Edge was found. Install one, or set CHROMIUM to the path of its program.',
  )
}

function installedChromium(): string | undefined {
  return candidates(process.platform, process.env).find(isProgram)
}

/** Where the browsers are usually installed, the preferred first. */
export function candidates(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') {
    const folders = ['/Applications', `${env['HOME'] ?? ''}/Applications`]
    return macApps.flatMap((name) => folders.map((folder) => `${folder}/${name}.app/Contents/MacOS/${name}`))
  }
  if (platform === 'win32') {
    const folders = [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']].filter(
      (each) => each !== undefined,
    )
    return windowsPrograms.flatMap((name) => folders.map((folder) => `${folder}\\${name}`))
  }
  const folders = (env['PATH'] ?? '').split(':').filter((each) => each !== '')
  return linuxNames.flatMap((name) => folders.map((folder) => `${folder}/${name}`))
}

function chromiumFromDebian(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  console.log("Installing Debian's chromium (apt-get install chromium)...")
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const words of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    if (spawnSync('apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env }).status !== 0)
      return undefined
  }
  return installedChromium()
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return path.isAbsolute(file)
  } catch {
    return false
  }
}
