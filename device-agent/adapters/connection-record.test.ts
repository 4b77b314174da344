import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectionRecord } from './connection-record.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-connection-'))
  file = join(folder, 'connection.json')
})
afterEach(() => rm(folder, { recursive: true }))

const assignment = { enrolment: 'dps/scope/pump', hostName: 'hub.example', deviceId: 'pump' }

test('what is remembered is there at the next start, piece by piece', async () => {
  const record = await connectionRecord(folder)
  expect(record.known).toEqual({})
  await record.remember({ transport: 'mqtt-websocket' })
  await record.remember({ assignment })
  expect(record.known).toEqual({ transport: 'mqtt-websocket', assignment })
  expect((await connectionRecord(folder)).known).toEqual({ transport: 'mqtt-websocket', assignment })
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('nothing new is not written: a memory card wears out', async () => {
  const record = await connectionRecord(folder)
  await record.remember({ transport: 'mqtt' })
  await rm(file)
  await record.remember({ transport: 'mqtt' })
  expect(existsSync(file)).toBe(false)
})

test.each(['', '{', '[]', 'null', '{"transport":"pigeon"}', '{"assignment":{"hostName":1}}'])(
  'a record that holds %j is an empty one, and is written over',
  async (text) => {
    await writeFile(file, text)
    const record = await connectionRecord(folder)
    expect(record.known).toEqual({})
    await record.remember({ transport: 'mqtt' })
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ transport: 'mqtt' })
  },
)
