import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { extractAll, listPackage } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../build/chromium.ts'
import { fuseSentinel, makeElectronStandIn } from '../../build/electron-stand-in.ts'
import { pack } from '../../build/pack.ts'
import { projectFolder } from '../../build/run-program.ts'

/** What a package for Linux holds, made with a stand-in for Electron's binary; that the binary starts is not shown here. */
describe.skipIf(process.platform !== 'linux')('the package', () => {
  let folder: string
  let packed: string
  let asar: string

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'drover-package-'))
    packed = path.join(folder, 'dist/linux-unpacked')
    asar = path.join(packed, 'resources/app.asar')
    await makeElectronStandIn(path.join(folder, 'electron'))
    const settings = [`-c.electronDist=${folder}/electron`, `-c.directories.output=${folder}/dist`]
    expect(await pack(['--linux', 'dir', ...settings])).toBe(0)
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('holds the built app and nothing else', () => {
    const files = listPackage(asar, { isPack: false })
      .map((name) => name.slice(1))
      .filter((name) => path.extname(name) !== '' || name === 'LICENSE')
    const page = /^out\/renderer\/assets\/[\w.-]+\.(?:js|css|svg|png|woff2)$/
    expect(files.filter((name) => !page.test(name)).sort()).toEqual([
      'LICENSE',
      'out/main/local-hub.js',
      'out/main/main.js',
      'out/preload/preload.cjs',
      'out/renderer/index.html',
      'package.json',
    ])
    expect(files.filter((name) => page.test(name)).length).toBeGreaterThan(1)
  })

  test('brings the agent along, outside the archive', () => {
    // electron-builder removes the default app only from an Electron that it downloaded itself.
    expect(readdirSync(path.join(packed, 'resources')).sort()).toEqual([
      'agent',
      'app.asar',
      'default_app.asar',
    ])
    expect(readdirSync(path.join(packed, 'resources/agent'))).toEqual(['drover-agent.cjs'])
  })

  test('speaks English and Korean', () => {
    expect(readdirSync(path.join(packed, 'locales')).sort()).toEqual(['en-US.pak', 'ko.pak'])
  })

  test('has its fuses set', () => {
    expect(readFuses(path.join(packed, 'drover'))).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
  })

  test('keeps the names by which the Azure SDK tells its own classes apart', () => {
    const app = path.join(folder, 'app')
    extractAll(asar, app)
    const main = readFileSync(path.join(app, 'out/main/main.js'), 'utf8')
    const names = ['DeviceNotFoundError', 'UnauthorizedError', 'ThrottlingError', 'NoRetry', 'RestApiClient']
    const isKept = (name: string): boolean =>
      [`class ${name} `, `function ${name}(`, `var ${name} = class`, `, "${name}")`].some((text) =>
        main.includes(text),
      )
    expect(names.filter((name) => !isKept(name))).toEqual([])
  })

  test('starts in the look-alike from what is in the archive alone', async () => {
    const app = path.join(folder, 'started')
    extractAll(asar, app)
    expect(existsSync(path.join(app, 'node_modules'))).toBe(false)
    const flags = [
      `--chromium=${await findChromium({ needsWindow: false })}`,
      '--headless',
      `--user-data-dir=${folder}/data`,
    ]
    const child = spawn(process.execPath, [path.join(projectFolder, 'preview/main.ts'), ...flags, app])
    const ended = once(child, 'exit')
    let printed = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text))
    await expect.poll(() => printed, { timeout: 20_000 }).toContain('"event":"started"')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

/** In the order of https://github.com/electron/fuses/blob/main/src/config.ts */
const fuseNames = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
]

function readFuses(binary: string): Record<string, boolean> {
  const bytes = readFileSync(binary, 'latin1')
  const start = bytes.indexOf(fuseSentinel) + fuseSentinel.length + 2
  return Object.fromEntries(fuseNames.map((name, index) => [name, bytes[start + index] === '1']))
}
