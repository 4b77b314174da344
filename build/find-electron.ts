import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder } from './run-program.ts'

export type ElectronSearch =
  | { readonly program: string; readonly reason?: never }
  | { readonly program?: never; readonly reason: string }

const electron = path.join(projectFolder, 'node_modules/electron')
const failedTry = path.join(projectFolder, 'node_modules/.cache/drover/electron-not-available.txt')
const downloadMs = 60_000
const rememberMs = 24 * 60 * 60 * 1000

/** Electron's program, where it is installed already. */
export function installedElectron(): string | undefined {
  const pathFile = path.join(electron, 'path.txt')
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(electron, 'dist')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron'
  const program = path.join(folder, name)
  return existsSync(program) ? program : undefined
}

/** Electron's program, or in one line why there is none: its binary is downloaded apart from the npm package. */
export async function findElectron(): Promise<ElectronSearch> {
  const program = installedElectron()
  if (program) return { program }
  if (process.env['ELECTRON_SKIP_BINARY_DOWNLOAD']) return { reason: 'ELECTRON_SKIP_BINARY_DOWNLOAD is set' }
  const remembered = rememberedFailure()
  if (remembered) return { reason: remembered }

  console.log('Getting the Electron binary, for at most a minute...')
  const reason = await download()
  const downloaded = installedElectron()
  if (downloaded) return { program: downloaded }
  mkdirSync(path.dirname(failedTry), { recursive: true })
  writeFileSync(failedTry, reason)
  return { reason }
}

/** Why it failed within the last day; asking again at each start would only make each start slow. */
function rememberedFailure(): string | undefined {
  const triedAt = statSync(failedTry, { throwIfNoEntry: false })?.mtimeMs
  if (triedAt === undefined || Date.now() - triedAt > rememberMs) return undefined
  return `${readFileSync(failedTry, 'utf8')} (tried ${new Date(triedAt).toLocaleString()}; next try after a day)`
}

/** Runs Electron's own installer; resolves with what went wrong, if anything did. */
function download(): Promise<string> {
  const child = spawn(process.execPath, [path.join(electron, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const timer = setTimeout(() => child.kill(), downloadMs)
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (_code, signal) => {
      clearTimeout(timer)
      resolve(signal ? 'its download took longer than a minute' : firstError(text))
    })
  })
}

function firstError(text: string): string {
  const cause =
    /\b(?:getaddrinfo|connect|read) E[A-Z]+[^\n]*|\bE(?:NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT)\b[^\n]*/.exec(
      text,
    )?.[0]
  const line = cause ?? text.split('\n').find((each) => each.includes('Error')) ?? 'its installer failed'
  return `its download failed (${line
    .trim()
    .replace(/^\w*Error: /, '')
    .slice(0, 120)})`
}
