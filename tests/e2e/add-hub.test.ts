import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { HostileHub, html, json } from '../faults/support/hostile-hub.ts'
import { Desk } from './support/desk.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

const key = Buffer.from('the key that stays in the main process').toString('base64')

let userDataDir: string
let app: LaunchedApp
let desk: Desk
let hub: HubProcess
let hostile: HostileHub

beforeAll(async () => {
  userDataDir = await mkdtemp(join(tmpdir(), 'drover-story-'))
  hub = await startHubProcess({ fleet: { name: 'demo' } })
  hostile = await HostileHub.start()
  app = await launchApp({ userDataDir })
  desk = new Desk(app.page)
  await desk.online(24)
})

afterAll(async () => {
  await app.close()
  await Promise.all([hub.stop(), hostile.stop()])
  await rm(userDataDir, { recursive: true, force: true, maxRetries: 5 })
})

const hostileString = (): string =>
  `HostName=${hostile.hostName};SharedAccessKeyName=service;SharedAccessKey=${key};GatewayHostName=localhost:${hostile.port}`

async function alertAfter(hubToAdd: { connectionString: string; extraCa?: string }): Promise<string> {
  await desk.fillHub(hubToAdd)
  await desk.submitHub()
  const alert = desk.dialog.getByRole('alert')
  await alert.waitFor({ timeout: 40_000 })
  return alert.innerText()
}

describe('a hub that cannot be added', () => {
  beforeAll(() => desk.openAddHub())
  afterAll(() => app.page.keyboard.press('Escape'))

  test('because of its connection string: the wrong part is named', async () => {
    const words = await alertAfter({
      connectionString: `HostName=contoso.azure-devices.net;SharedAccessKeyName=service`,
    })
    expect(words).toContain('"SharedAccessKey" is missing')
  })

  test('because it does not answer', async () => {
    const nobody = hostileString().replace(/:\d+$/, ':9')
    expect(await alertAfter({ connectionString: nobody, extraCa: hostile.ca })).toContain('Nothing was sent')
  })

  test('because its certificate is not trusted', async () => {
    expect(await alertAfter({ connectionString: hostileString(), extraCa: hub.caCertificate })).toContain(
      'certificate',
    )
  })

  test('because the CA certificate is none', async () => {
    const words = await alertAfter({ connectionString: hostileString(), extraCa: 'not a certificate' })
    expect(words).toContain('CA certificate cannot be read')
  })

  test('is told where it is seen, also in the smallest window', async () => {
    await app.page.setViewportSize({ width: 880, height: 560 })
    await alertAfter({ connectionString: hostileString(), extraCa: 'not a certificate' })
    const bottomOf = async (place: Locator): Promise<number> => {
      const { y, height } = (await place.boundingBox()) ?? { y: Infinity, height: 0 }
      return y + height
    }
    const foot = await bottomOf(desk.dialog.locator('.dialog-body'))
    await expect.poll(() => bottomOf(desk.dialog.getByRole('alert'))).toBeLessThanOrEqual(foot)
    await app.page.setViewportSize({ width: 1280, height: 800 })
  })

  test('because a captive portal answers in its place', async () => {
    hostile.behave = (_, response) => html(response)
    expect(await alertAfter({ connectionString: hostileString(), extraCa: hostile.ca })).toContain(
      'sign-in page',
    )
  })

  test('because the key is wrong', async () => {
    const wrong = hub.connectionString.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${key}`)
    const words = await alertAfter({
      connectionString: `${wrong};GatewayHostName=localhost:${hub.httpsPort}`,
      extraCa: hub.caCertificate,
    })
    expect(words).toContain('does not accept this key')
  })

  test('is not saved, and the app is still up', async () => {
    await app.page.keyboard.press('Escape')
    await app.page.getByRole('button', { name: 'Hub: Local hub' }).click()
    expect(await app.page.getByRole('menuitemradio').count()).toBe(1)
    await app.page.keyboard.press('Escape')
  })
})

describe('a hub with a good connection string', () => {
  test('is added, and its devices are shown instead', async () => {
    await desk.openAddHub()
    await desk.fillHub({
      connectionString: `${hub.connectionString};GatewayHostName=localhost:${hub.httpsPort}`,
      name: 'Second hub',
      extraCa: hub.caCertificate,
    })
    await desk.submitHub()
    await desk.dialog.waitFor({ state: 'hidden' })
    await app.page.getByRole('button', { name: 'Hub: Second hub' }).waitFor()
    await desk.online(24)
  })

  test('reboots its devices like any other hub', async () => {
    await desk.askToReboot('pump-0004')
    await desk.confirmReboot('1 minute')
    expect(await desk.outcomeOf('pump-0004')).toMatchObject({ status: 'succeeded' })
  })
})

describe('a hub whose devices have hostile names', () => {
  const names = [
    '<img src=x onerror="globalThis.hacked=1">',
    `'; DROP TABLE devices; --`,
    'a/../b',
    '=1+1',
    '{{ 7 * 7 }}',
    '__proto__',
    '\u202egnp.exe',
    'zero\u200bwidth',
  ]
  /** What has no shape of its own is written out. */
  const shownAs = (name: string): string =>
    name.replaceAll('\u202e', '\\u202e').replaceAll('\u200b', '\\u200b')

  test('shows them as text, and calls them by their names', async () => {
    hostile.behave = (request, response) => {
      if (request.url?.startsWith('/devices/query'))
        return json(
          response,
          names.map((deviceId) => ({ deviceId, status: 'enabled', connectionState: 'Connected' })),
        )
      if (request.url?.includes('/methods'))
        return json(response, { Message: JSON.stringify({ errorCode: 404103 }) }, { status: 404 })
      return json(response, { deviceId: 'x', etag: '1', properties: { desired: {}, reported: {} } })
    }
    await desk.openAddHub()
    await desk.fillHub({ connectionString: hostileString(), name: 'Hostile', extraCa: hostile.ca })
    await desk.submitHub()
    await desk.dialog.waitFor({ state: 'hidden' })
    await desk.online(names.length)
    for (const name of names)
      expect(await desk.row(name).locator('.col-deviceId').innerText()).toBe(shownAs(name))
    expect(await app.page.evaluate(() => 'hacked' in globalThis)).toBe(false)

    await desk.row('a/../b').locator('.col-deviceId').click()
    await app.page.keyboard.press('ControlOrMeta+a')
    await desk.askToReboot('a/../b')
    await desk.confirmReboot('15 seconds')
    for (const name of names) expect(await desk.outcomeOf(name)).toMatchObject({ status: 'failed' })
    const called = hostile.requests
      .filter((line) => line.includes('/methods'))
      .map((line) => decodeURIComponent(/\/twins\/([^/?]+)\/methods/.exec(line)?.[1] ?? ''))
    expect(new Set(called)).toEqual(new Set(names))
  })
})

test('no key is in the page, in what the app printed, or in any file of the app', async () => {
  const shown = await app.page.evaluate<string>(
    'document.documentElement.outerHTML + JSON.stringify({ ...localStorage })',
  )
  const files = filesUnder(userDataDir).map((path) => readFileSync(path, 'latin1'))
  expect(files.length).toBeGreaterThan(0)
  const secondKey = /SharedAccessKey=([^;]+)/.exec(hub.connectionString)?.[1] ?? 'none'
  for (const secret of [key, secondKey]) {
    for (const text of [shown, app.output(), ...files]) {
      expect(text.includes(secret)).toBe(false)
      expect(text.includes(Buffer.from(secret).toString('base64'))).toBe(false)
      expect(text.includes(Buffer.from(secret, 'base64').toString('latin1'))).toBe(false)
    }
  }
})

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
