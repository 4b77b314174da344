import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createPackage } from '@electron/asar'

/** Where Electron's fuses are in its binary: this text, a version byte, their number, and a digit for each. */
export const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** As Electron ships them: '1' is on, '0' is off. */
const shippedFuses = '101100010'

const files = [
  'chrome-sandbox',
  'chrome_crashpad_handler',
  'icudtl.dat',
  'resources.pak',
  'LICENSE',
  'LICENSES.chromium.html',
]
const languages = ['de', 'en-US', 'fr', 'ko']

/**
 * Makes a folder that electron-builder takes for Electron on Linux, so that what goes into a package
 * can be checked where Electron's binary cannot be had. Nothing in it runs.
 */
export async function makeElectronStandIn(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const empty = path.join(folder, 'empty')
  for (const each of ['locales', 'resources', 'empty'])
    mkdirSync(path.join(folder, each), { recursive: true })
  writeFileSync(path.join(empty, 'main.js'), '')
  await createPackage(empty, path.join(folder, 'resources/default_app.asar'))
  rmSync(empty, { recursive: true })
  for (const name of [...files, ...languages.map((each) => `locales/${each}.pak`)])
    writeFileSync(path.join(folder, name), 'x')
  const fuses = `${fuseSentinel}\x01${String.fromCharCode(shippedFuses.length)}${shippedFuses}`
  writeFileSync(path.join(folder, 'electron'), `#!/bin/sh\nexit 1\n# ${fuses}\n`, { mode: 0o755 })
}
