import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MappingFileStore } from '../adapters/mapping-file.ts'
import { recognise } from '../domain/dialects/recognise.ts'
import { FakeDesktop } from '../testing/fake-desktop.ts'
import { FakeLog } from '../testing/fakes.ts'
import { DialectService } from './dialect-service.ts'

const acme = {
  format: 'drover-dialects',
  version: 1,
  dialects: [{ name: 'acme', recognisedBy: 'acme.agent', reboot: { method: 'acmeReboot' } }],
}
const text = JSON.stringify(acme, null, 2)
const reported = { acme: { agent: {} } }

let folder: string
let desktop: FakeDesktop
let log: FakeLog

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-dialects-'))
  desktop = new FakeDesktop()
  log = new FakeLog()
})
afterEach(() => rm(folder, { recursive: true }))

const store = (): MappingFileStore => new MappingFileStore(join(folder, 'dialects.json'))
const open = (): Promise<DialectService> => DialectService.open({ store: store(), desktop, log })

describe("the user's own mapping file", () => {
  test('is not there at first: the families that Drover knows are', async () => {
    const service = await open()
    expect(recognise(service.all(), reported)).toBeUndefined()
    expect(recognise(service.all(), { lastReboot: 'now' })?.name).toBe('tutorial')
  })

  test('is in use as soon as it is opened, before the families that Drover knows', async () => {
    const service = await open()
    const lists = service.list(new AbortController().signal)
    expect((await lists.next()).value).toEqual([])
    desktop.toOpen = { name: 'acme.json', text }
    expect(await service.openFile()).toEqual({ isTaken: true })
    expect((await lists.next()).value).toEqual([
      { name: 'acme', actions: [{ kind: 'reboot', methodName: 'acmeReboot' }] },
    ])
    expect(recognise(service.all(), { ...reported, lastReboot: 'now' })?.name).toBe('mapped')
  })

  test('is in use again after the next start', async () => {
    desktop.toOpen = { name: 'acme.json', text }
    await (await open()).openFile()
    expect(recognise((await open()).all(), reported)?.name).toBe('mapped')
  })

  test('with a mistake is refused, and what was in use stays', async () => {
    const service = await open()
    desktop.toOpen = { name: 'acme.json', text }
    await service.openFile()
    desktop.toOpen = { name: 'worse.json', text: text.replace('"acme.agent"', '7') }
    await expect(service.openFile()).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/^Line \d+ of worse\.json/) as string,
    })
    expect(recognise((await open()).all(), reported)?.name).toBe('mapped')
  })

  test('is left as it is when the person changes their mind', async () => {
    expect(await (await open()).openFile()).toEqual({ isTaken: false })
  })

  test('of another version is left alone, and the app starts', async () => {
    await store().save('{"format":"drover-dialects","version":9}')
    const service = await open()
    expect(recognise(service.all(), { lastReboot: 'now' })?.name).toBe('tutorial')
    expect(log.bugs).toHaveLength(1)
    expect(await store().load()).toContain('9')
  })
})
