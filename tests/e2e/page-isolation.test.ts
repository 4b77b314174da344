import type { Frame } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installedElectron } from '../../build/find-electron.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

/**
 * What a page of the app can do, asked of the page itself: no more than the app's own page needs.
 * What runs in the page is text, because these tests are compiled for Node and know no DOM.
 */

let app: LaunchedApp
let start: string

beforeAll(async () => {
  app = await launchApp()
  start = app.page.url()
})

afterAll(() => app.close())

function evaluate(script: string): Promise<unknown> {
  return app.page.evaluate(script)
}

async function expectFleet(): Promise<void> {
  await expect.poll(() => app.page.getByRole('row').count(), { timeout: 15_000 }).toBeGreaterThan(5)
}

describe('the content security policy', () => {
  test('is not violated by the page itself, from its first moment on', async () => {
    await app.page.addInitScript(`
      globalThis.violations = []
      addEventListener('securitypolicyviolation', (event) => {
        violations.push([event.violatedDirective, event.blockedURI, event.sample].join(' '))
      })`)
    await app.page.reload()
    await expectFleet()
    expect(await evaluate('violations')).toEqual([])
  })

  test('keeps a text from being run as a program', async () => {
    // In a timer, because what DevTools itself evaluates is exempt.
    const outcome = await evaluate(`new Promise((resolve) => setTimeout(() => {
      try { resolve('ran: ' + Function('return 1')()) } catch (error) { resolve(String(error)) }
    }))`)
    expect(outcome).toMatch(/EvalError|Trusted Type/)
  })

  test('keeps an inline script and a script from a data URL from running', async () => {
    await evaluate(`for (const [name, value] of [['textContent', 'intruder = 1'], ['src', 'data:text/javascript,intruder=1']]) {
      const script = document.createElement('script')
      try { script[name] = value } catch {}
      document.head.append(script)
    }`)
    expect(await evaluate(`'intruder' in globalThis`)).toBe(false)
  })

  test('lets the page fetch nothing, not even from itself', async () => {
    for (const url of ['https://example.com/', `${start}?again`, 'http://127.0.0.1:1/']) {
      expect(await evaluate(`fetch(${JSON.stringify(url)}).then(String, String)`)).toMatch(/TypeError/)
    }
  })
})

describe('the page', () => {
  test('knows nothing of Node', async () => {
    const types = await evaluate(
      '[typeof require, typeof process, typeof Buffer, typeof module, typeof global]',
    )
    expect(types).toEqual(Array<string>(5).fill('undefined'))
  })

  test('gets one frozen object with one function', async () => {
    expect(await evaluate('[Object.keys(drover), Object.isFrozen(drover)]')).toEqual([['openPort'], true])
    await evaluate('void (globalThis.drover = {})').catch(() => undefined)
    expect(await evaluate('Object.keys(drover)')).toEqual(['openPort'])
  })

  test('is denied every permission', async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'midi',
      'clipboard-read',
      'local-fonts',
    ]
    for (const name of names) {
      expect([
        name,
        await evaluate(`navigator.permissions.query({ name: '${name}' }).then(({ state }) => state)`),
      ]).toEqual([name, 'denied'])
    }
    expect(await evaluate('Notification.requestPermission()')).toBe('denied')
    const media = await evaluate('navigator.mediaDevices.getUserMedia({ audio: true }).then(String, String)')
    expect(media).toMatch(/NotAllowedError|NotFoundError/)
  })

  test('opens no other window', async () => {
    const pages = app.page.context().pages().length
    await evaluate(`void open('https://example.com/')`)
    await evaluate(`void open('about:blank')`)
    await expect.poll(() => app.page.context().pages().length).toBe(pages)
  })

  test('stays where it is when it is told to go elsewhere', async () => {
    await evaluate(`void (location.href = 'https://example.com/')`)
    await expect.poll(() => evaluate('document.title')).toBe('Drover')
    expect(app.page.url()).toBe(start)
  })

  test('gets no file but its own', async () => {
    for (const name of [
      '..%2fpackage.json',
      '%2e%2e/main/main.js',
      '..%5cmain%5cmain.js',
      'assets',
      'main.ts',
      'x%00.html',
    ]) {
      const response = await app.page.goto(new URL(name, start).href)
      expect([name, response?.status()]).toEqual([name, 404])
    }
    await app.page.goto(start)
  })
})

describe('a port', () => {
  test('is closed when the page opens another one', async () => {
    const closed = evaluate(
      'new Promise((resolve) => { drover.openPort().onClose(() => resolve(true)); drover.openPort() })',
    )
    expect(await closed).toBe(true)
  })

  test('works after the page was loaded again', async () => {
    await app.page.reload()
    await expectFleet()
  })

  test.skipIf(installedElectron())('is refused to a frame inside the page', async () => {
    await evaluate(`document.body.append(document.createElement('iframe'))`)
    const [, frame] = app.page.frames()
    expect(await frame?.evaluate('[typeof drover, typeof __electronLookAlikeSend]')).toEqual([
      'undefined',
      'undefined',
    ])
    await openFrom(frame)
    await expect.poll(app.output).toContain('"reason":"not the main frame"')
  })

  test.skipIf(installedElectron())('is refused to a page that is not ours', async () => {
    await app.page.goto('about:blank')
    await openFrom(app.page.mainFrame())
    await expect.poll(app.output).toContain('"reason":"foreign origin"')
    await app.page.goto(start)
    await expectFleet()
  })
})

/** Asks for a port with the look-alike's own way to main in hand, which only DevTools can give to a script. */
async function openFrom(frame: Frame | undefined): Promise<void> {
  const session = await app.page.context().newCDPSession(app.page)
  await session.send('Runtime.addBinding', { name: '__electronLookAlikeSend' })
  await frame?.evaluate(
    `__electronLookAlikeSend(JSON.stringify({ channel: 'drover:open', args: ['00000000-0000-4000-8000-000000000000'] }))`,
  )
  await session.detach()
}
