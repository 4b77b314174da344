import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StoredProfiles } from '../ports/profile-store.ts'
import { FakeLog } from '../testing/fakes.ts'
import { ProfileFile } from './profile-file.ts'

let folder: string
let path: string
let log: FakeLog

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-profiles-'))
  path = join(folder, 'hubs.json')
  log = new FakeLog()
})

afterEach(() => rm(folder, { recursive: true }))

const profiles: StoredProfiles = {
  selected: 'hub-1',
  hubs: [
    {
      hubId: 'hub-1',
      name: 'Production',
      hostName: 'contoso.azure-devices.net',
      policyName: 'service',
      addedAt: '2026-11-23T10:00:00.000Z',
      sealedConnectionString: 'c2VhbGVk',
    },
  ],
}

describe('the saved hubs', () => {
  test('are none at first', async () => {
    expect(await new ProfileFile(path, log).load()).toEqual({ hubs: [] })
  })

  test('come back as they were saved', async () => {
    await new ProfileFile(path, log).save(profiles)
    expect(await new ProfileFile(path, log).load()).toMatchObject(profiles)
  })

  test('leave no temporary file, and can be read by their owner only', async () => {
    await new ProfileFile(path, log).save(profiles)
    expect(await readdir(folder)).toEqual(['hubs.json'])
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o077).toBe(0)
  })

  test.each(['', '{', '[]', '{"version":2,"hubs":[]}', '{"version":1,"hubs":[{"hubId":7}]}'])(
    'that are damaged (%j) are set aside, not overwritten',
    async (text) => {
      await writeFile(path, text)
      const file = new ProfileFile(path, log)
      expect(await file.load()).toEqual({ hubs: [] })
      await file.save(profiles)
      expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text)
      expect(log.warnings).toEqual(['profiles-damaged'])
    },
  )
})
