import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buildApp } from './build.ts'
import { findChromium } from './chromium.ts'
import { findElectron } from './find-electron.ts'
import { projectFolder, runProgram, runScript } from './run-program.ts'

/** npm start: builds the app and opens it, in Electron where its binary can be had, else in its look-alike. */
async function start(args: readonly string[]): Promise<number> {
  const isHeadless = args.includes('--headless')
  if (!isHeadless && !hasDisplay()) {
    console.error(
      'There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). `npm run demo` needs none.',
    )
    return 1
  }
  await buildApp()
  const electron = await findElectron()
  if (electron.program) return runProgram(electron.program, [projectFolder, ...sandboxFlags(), ...args])

  const chromium = await findChromium({ needsWindow: !isHeadless })
  const name = path.basename(chromium)
  console.log(`No Electron here: ${electron.reason}. The same app opens in a window of ${name} instead.`)
  const folder = `--dialog-folder=${filesFolder()}`
  return runScript('preview/main.ts', [`--chromium=${chromium}`, folder, ...args, projectFolder])
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'])
}

/** Where what is exported goes where there are no file dialogs: what browsers call Downloads. */
function filesFolder(): string {
  const downloads = path.join(os.homedir(), 'Downloads')
  return existsSync(downloads) ? downloads : os.homedir()
}

/** Chromium, and so Electron, refuses its sandbox to root. */
function sandboxFlags(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : []
}

try {
  process.exit(await start(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
