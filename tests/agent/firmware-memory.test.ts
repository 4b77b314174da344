import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startFirmwareServer } from './support/firmware-server.ts'

const mebibyte = 1024 * 1024
const size = 1024 * mebibyte

test('a download of a whole GiB takes at most 32 MiB of memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-memory-'))
  const block = Buffer.alloc(mebibyte / 4, 7)
  const server = await startFirmwareServer((_request, response) => {
    response.writeHead(200, { etag: '"a"', 'content-length': size })
    let left = size
    const more = () => {
      while (left > 0) {
        left -= block.length
        if (!response.write(block)) return
      }
      response.end()
    }
    response.on('drain', more)
    more()
  })
  const program = join(import.meta.dirname, 'support/download-program.ts')
  const parameters = [program, server.address, join(folder, 'download'), String(size), server.ca]
  const { stdout } = await promisify(execFile)(process.execPath, parameters)
  await server.close()
  await rm(folder, { recursive: true })
  expect(Number(stdout)).toBeGreaterThan(0)
  expect(Number(stdout)).toBeLessThanOrEqual(32)
})
