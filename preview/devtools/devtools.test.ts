import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { DevTools } from './devtools.ts'

/** A Chromium of two pipes. */
function setUp() {
  const input = new PassThrough()
  const output = new PassThrough()
  const devTools = new DevTools(input, output)
  const say = (message: unknown): void => void input.write(`${JSON.stringify(message)}\0`)
  const asked = (): unknown[] => {
    const text = (output.read() as Buffer | null)?.toString('utf8') ?? ''
    return text
      .split('\0')
      .filter((each) => each !== '')
      .map((each) => JSON.parse(each) as unknown)
  }
  return { input, devTools, say, asked }
}

describe('a command', () => {
  test('is written with an id, and resolves with the answer of that id', async () => {
    const { devTools, say, asked } = setUp()
    const first = devTools.browser.send('Browser.getVersion')
    const second = devTools.session('page-1').send('Page.enable')
    expect(asked()).toEqual([
      { id: 1, method: 'Browser.getVersion', params: {} },
      { id: 2, method: 'Page.enable', params: {}, sessionId: 'page-1' },
    ])
    say({ id: 2, result: {} })
    say({ id: 1, result: { product: 'Chrome/1' } })
    expect(await second).toEqual({})
    expect(await first).toEqual({ product: 'Chrome/1' })
  })

  test('that fails names itself', async () => {
    const { devTools, say } = setUp()
    const command = devTools.browser.send('Browser.close')
    say({ id: 1, error: { message: 'no' } })
    await expect(command).rejects.toThrow('Browser.close: no')
  })

  test('is rejected when Chromium ends, and so is any later one', async () => {
    const { input, devTools } = setUp()
    const command = devTools.browser.send('Browser.getVersion')
    input.destroy()
    await expect(command).rejects.toThrow('Chromium has ended')
    await devTools.closed
    await expect(devTools.browser.send('Browser.getVersion')).rejects.toThrow('Chromium has ended')
  })
})

describe('an event', () => {
  test('reaches the listeners of its session only', async () => {
    const { devTools, say } = setUp()
    const heard: unknown[] = []
    devTools.browser.on('Target.targetDestroyed', (event) => heard.push(['browser', event]))
    devTools.session('a').on('Target.targetDestroyed', (event) => heard.push(['a', event]))
    say({ method: 'Target.targetDestroyed', params: { targetId: '1' } })
    say({ method: 'Target.targetDestroyed', params: { targetId: '2' }, sessionId: 'a' })
    say({ method: 'Target.targetDestroyed', params: { targetId: '3' }, sessionId: 'b' })
    await expect.poll(() => heard).toHaveLength(2)
    expect(heard).toEqual([
      ['browser', { targetId: '1' }],
      ['a', { targetId: '2' }],
    ])
  })

  test('may come in pieces, or together with others, or in the middle of a character', async () => {
    const { input, devTools } = setUp()
    const heard: string[] = []
    devTools.browser.on('Target.targetDestroyed', ({ targetId }) => heard.push(targetId))
    const message = (targetId: string): string =>
      `${JSON.stringify({ method: 'Target.targetDestroyed', params: { targetId } })}\0`
    const bytes = Buffer.from(message('장치') + message('b') + message('c'))
    for (const byte of bytes) input.write(Buffer.from([byte]))
    input.write(message('d') + message('e'))
    await expect.poll(() => heard).toEqual(['장치', 'b', 'c', 'd', 'e'])
  })
})
