import { EventEmitter } from 'node:events'
import type { App, Session, Shell, WebContents } from 'electron'
import { describe, expect, test } from 'vitest'
import { isAppUrl } from '../origin.ts'
import { homepage, isExternalPage, lockDown } from './lockdown.ts'

const hostile = [
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'blob:app://drover/1',
  'file:///etc/passwd',
  'about:blank',
  'about:srcdoc',
  'app://evil/',
  'app://drover.evil.example/',
  'app://drover@evil/',
  'app://user@drover/',
  'app://drover:1/',
  'apps://drover/',
  'http://drover/',
  'http://github.com/drover-iot/drover',
  'https://github.com.evil.example/drover-iot/drover',
  'https://github.com@evil.example/drover-iot/drover',
  'https://user@github.com/drover-iot/drover',
  'https://github.com:8443/drover-iot/drover',
  'https://github.com/drover-iot/drover/../../evil',
  'https://github.com/drover-iot/drover?redirect=evil',
  'https://github.com/drover-iot/drover#x',
  'https://github.com/drover-iot/drover/',
  'https://github.com/drover-iot/drover.git',
  'https://gıthub.com/drover-iot/drover',
  'https://xn--gthub-n4a.com/drover-iot/drover',
  '//github.com/drover-iot/drover',
  'ms-settings:privacy',
  'mailto:a@b.c',
  'vscode://file/etc/passwd',
  'smb://server/share',
  'view-source:https://github.com/drover-iot/drover',
  'https:/evil',
  'https://',
  '',
  ' ',
  '\0',
  'not a url',
]

describe('a hostile URL is neither ours nor one to open outside', () => {
  test.each(hostile)('%j', (url) => {
    expect(isAppUrl(url)).toBe(false)
    expect(isExternalPage(url)).toBe(false)
  })

  test('and the two good ones are told apart', () => {
    expect([isAppUrl('app://drover/index.html'), isExternalPage('app://drover/index.html')]).toEqual([
      true,
      false,
    ])
    expect([isAppUrl(homepage), isExternalPage(homepage)]).toEqual([false, true])
  })
})

type OpenHandler = Parameters<WebContents['setWindowOpenHandler']>[0]

class FakeContents extends EventEmitter {
  open: OpenHandler = () => ({ action: 'allow' })

  setWindowOpenHandler(handler: OpenHandler): void {
    this.open = handler
  }

  /** Whether one of the listeners prevented the event. */
  prevents(event: string, url = ''): boolean {
    let isPrevented = false
    this.emit(event, { url, preventDefault: () => (isPrevented = true) })
    return isPrevented
  }
}

class FakeSession extends EventEmitter {
  request: Session['setPermissionRequestHandler'] extends (handler: infer H) => void ? H : never = null
  check: (() => boolean) | null = null
  device: (() => boolean) | null = null

  setPermissionRequestHandler(handler: FakeSession['request']): void {
    this.request = handler
  }

  setPermissionCheckHandler(handler: () => boolean): void {
    this.check = handler
  }

  setDevicePermissionHandler(handler: () => boolean): void {
    this.device = handler
  }
}

function setUp() {
  const app = new EventEmitter()
  const session = new FakeSession()
  const opened: string[] = []
  const bugs: string[] = []
  const shell = {
    openExternal: (url: string) => (
      opened.push(url),
      opened.length > 1 ? Promise.reject(new Error('none')) : Promise.resolve()
    ),
  }
  const log = { info: () => undefined, warn: () => undefined, bug: (event: string) => void bugs.push(event) }
  lockDown(app as unknown as App, session as unknown as Session, { shell: shell as unknown as Shell, log })
  const contents = new FakeContents()
  app.emit('web-contents-created', {}, contents)
  return { session, contents, opened, bugs }
}

test('every permission is denied, asked for or looked up', () => {
  const { session } = setUp()
  const answers: boolean[] = []
  session.request?.({} as never, 'media', (isGranted) => answers.push(isGranted), {} as never)
  expect([...answers, session.check?.(), session.device?.()]).toEqual([false, false, false])
})

test('no download begins', () => {
  const { session } = setUp()
  let isPrevented = false
  session.emit('will-download', { preventDefault: () => (isPrevented = true) })
  expect(isPrevented).toBe(true)
})

test('no webview is attached', () => {
  expect(setUp().contents.prevents('will-attach-webview')).toBe(true)
})

test.each(['will-navigate', 'will-redirect'])('%s goes to our own pages only', (event) => {
  const { contents } = setUp()
  expect(hostile.filter((url) => !contents.prevents(event, url))).toEqual([])
  expect(contents.prevents(event, homepage)).toBe(true)
  expect(contents.prevents(event, 'app://drover/index.html')).toBe(false)
})

test('no window is opened, and only a listed page goes to the browser', async () => {
  const { contents, opened, bugs } = setUp()
  for (const url of [...hostile, homepage]) {
    expect(contents.open({ url } as Parameters<OpenHandler>[0])).toEqual({ action: 'deny' })
  }
  expect(opened).toEqual([homepage])
  contents.open({ url: homepage } as Parameters<OpenHandler>[0])
  await expect.poll(() => bugs).toEqual(['open-external-failed'])
})
