import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../device-agent/adapters/system-clock.ts'
import {
  defaultDownloadLimits,
  downloadPackage,
  type Download,
  type DownloadLimits,
} from '../../device-agent/firmware/download.ts'
import { rounds } from '../support/rounds.ts'
import {
  etagOf,
  serve,
  sha256Of,
  startFirmwareServer,
  type FirmwareServer,
} from './support/firmware-server.ts'

const bytes = randomBytes(1_000_003)
const never = new AbortController().signal
let folder: string
let server: FirmwareServer

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-download-'))
  server = await startFirmwareServer(serve({ bytes }))
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

function download(change: Partial<Download> = {}, limits: Partial<DownloadLimits> = {}): Download {
  return {
    ...{ address: server.address, size: bytes.length, sha256: sha256Of(bytes), bootId: 'boot-1', folder },
    connection: { requestOptions: () => ({ ca: server.ca }) },
    limits: { ...defaultDownloadLimits, backoff: { baseMs: 0, capMs: 0 }, ...limits },
    ...{ clock: systemClock, random: Math.random },
    ...change,
  }
}

function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
}

test('a package arrives as it is, and its progress is told', async () => {
  const seen: number[] = []
  const result = await downloadPackage(download({ onProgress: (received) => seen.push(received) }), never)
  expect(await readFile(result.path)).toEqual(bytes)
  expect(result).toMatchObject({ sha256: sha256Of(bytes), size: bytes.length })
  expect(seen.at(-1)).toBe(bytes.length)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
})

test('a package of unknown size and hash arrives too', async () => {
  const result = await downloadPackage(download({ size: undefined, sha256: undefined }), never)
  expect(result).toMatchObject({ sha256: sha256Of(bytes), size: bytes.length })
})

test('a line that breaks again and again costs next to nothing', async () => {
  const cuts = rounds(50, 1000)
  let left = cuts
  server.answerWith(
    serve({
      bytes,
      cutAt: (start) => {
        const room = bytes.length - start
        if (left-- <= 0) return undefined
        return start + Math.floor((Math.random() * 2 * room) / (left + 2))
      },
    }),
  )
  const result = await downloadPackage(download(), never)
  expect(await readFile(result.path)).toEqual(bytes)
  expect(server.ranges.length).toBe(cuts + 1)
  expect(server.sent()).toBeLessThanOrEqual(1.02 * bytes.length)
})

test('a start of the agent resumes what the one before it was killed in', async () => {
  server.answerWith(serve({ bytes, cutAt: () => 600_000 }))
  const stop = new AbortController()
  const onProgress = (received: number) => {
    if (received === 600_000) stop.abort()
  }
  await expect(downloadPackage(download({ onProgress }), stop.signal)).rejects.toThrow()
  server.answerWith(serve({ bytes }))
  const result = await downloadPackage(download(), never)
  expect(server.ranges.at(-1)).toBe('bytes=600000-')
  expect(await readFile(result.path)).toEqual(bytes)
})

test('a package that is complete is not asked for again', async () => {
  await downloadPackage(download(), never)
  await downloadPackage(download(), never)
  expect(server.ranges).toHaveLength(1)
})

test('a file that changes under the download is begun anew, never mixed', async () => {
  const older = randomBytes(bytes.length)
  server.answerWith(serve({ bytes: older, cutAt: () => 500_000 }))
  const seen: number[] = []
  const onProgress = (received: number) => {
    seen.push(received)
    if (received === 500_000) server.answerWith(serve({ bytes }))
  }
  const result = await downloadPackage(download({ onProgress }), never)
  expect(await readFile(result.path)).toEqual(bytes)
})

test('a weak ETag resumes nothing', async () => {
  server.answerWith(serve({ bytes, etag: `W/${etagOf(bytes)}`, cutAt: () => 500_000 }))
  const onProgress = (received: number) => {
    if (received === 500_000) server.answerWith(serve({ bytes, etag: `W/${etagOf(bytes)}` }))
  }
  await downloadPackage(download({ onProgress }), never)
  expect(server.ranges).toEqual([undefined, undefined])
})

test('a part from before a power cut counts only as far as it was synced', async () => {
  server.answerWith(serve({ bytes, cutAt: () => 600_000 }))
  const stop = new AbortController()
  const onProgress = (received: number) => {
    if (received === 600_000) stop.abort()
  }
  await expect(downloadPackage(download({ onProgress }), stop.signal)).rejects.toThrow()
  server.answerWith(serve({ bytes }))
  await downloadPackage(download({ bootId: 'boot-2' }), never)
  // Nothing was synced yet: checkpoints are 16 MiB apart.
  expect(server.ranges.at(-1)).toBeUndefined()
})

test('a file that always changes is given up', async () => {
  let version = 0
  server.answerWith((request, response) => {
    version += 1
    serve({ bytes, etag: `"${version}"`, cutAt: (start) => start + 1000 })(request, response)
  })
  expect(await codeOf(downloadPackage(download(), never))).toBe('changing-package')
})

test('a redirect within https is followed, and one out of it is not', async () => {
  const redirect = (location: string) => {
    let isFirst = true
    server.answerWith((request, response) => {
      if (!isFirst) serve({ bytes })(request, response)
      else response.writeHead(302, { location }).end()
      isFirst = false
    })
  }
  redirect('/elsewhere/pump.bin')
  expect((await downloadPackage(download(), never)).sha256).toBe(sha256Of(bytes))
  await rm(folder, { recursive: true })
  redirect('http://127.0.0.1:9/pump.bin')
  expect(await codeOf(downloadPackage(download(), never))).toBe('insecure-address')
})

test('redirects that never end are given up', async () => {
  server.answerWith((_request, response) => response.writeHead(302, { location: '/again' }).end())
  expect(await codeOf(downloadPackage(download(), never))).toBe('refused-download')
  expect(server.ranges).toHaveLength(6)
})

test.each([401, 403, 404, 410])('a server that answers %d has no package for this device', async (status) => {
  server.answerWith((_request, response) => response.writeHead(status).end())
  expect(await codeOf(downloadPackage(download(), never))).toBe('refused-download')
})

test.each([429, 500, 503])('a server that answers %d is asked again', async (status) => {
  server.answerWith((_request, response) => {
    server.answerWith(serve({ bytes }))
    response.writeHead(status).end()
  })
  expect((await downloadPackage(download(), never)).sha256).toBe(sha256Of(bytes))
})

test('a server that announces more than the package has is not listened to', async () => {
  server.answerWith(serve({ bytes: Buffer.concat([bytes, bytes]) }))
  expect(await codeOf(downloadPackage(download(), never))).toBe('endless-data')
  expect((await readFile(join(folder, 'package'))).length).toBe(0)
})

test('a server that sends without end fills no disk', async () => {
  server.answerWith((request, response) => {
    response.writeHead(200, { etag: '"endless"' })
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    request.socket.on('error', () => undefined)
    more()
  })
  expect(await codeOf(downloadPackage(download(), never))).toBe('endless-data')
  expect((await readFile(join(folder, 'package'))).length).toBeLessThanOrEqual(bytes.length)
})

test('a server that sends too little is named', async () => {
  server.answerWith(serve({ bytes: bytes.subarray(1) }))
  expect(await codeOf(downloadPackage(download(), never))).toBe('wrong-size')
  server.answerWith((_request, response) => response.writeHead(200, { etag: '"a"' }).end(bytes.subarray(1)))
  expect(await codeOf(downloadPackage(download(), never))).toBe('wrong-size')
})

test('other bytes of the right size are thrown away', async () => {
  server.answerWith(serve({ bytes: randomBytes(bytes.length) }))
  expect(await codeOf(downloadPackage(download(), never))).toBe('wrong-hash')
  expect((await readFile(join(folder, 'package'))).length).toBe(0)
})

test('a server that compresses on the way is refused', async () => {
  server.answerWith((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
  )
  expect(await codeOf(downloadPackage(download(), never))).toBe('refused-download')
})

test('a server that drips is given up', async () => {
  server.answerWith((request, response) => {
    response.writeHead(200, { etag: '"slow"', 'content-length': bytes.length })
    const timer = setInterval(() => response.write('x'), 5)
    request.socket.on('close', () => {
      clearInterval(timer)
    })
  })
  const speed = { bytesPerSecond: 100_000, windowMs: 50, tries: 3 }
  expect(await codeOf(downloadPackage(download({}, { speed }), never))).toBe('slow-download')
  expect(server.ranges).toHaveLength(3)
})

test('a server that never answers is given up in time', async () => {
  server.answerWith(() => undefined)
  const limits = { answerTimeoutMs: 30, patienceMs: 100 }
  expect(await codeOf(downloadPackage(download({}, limits), never))).toBe('download-failed')
})

test('a server with a certificate of nobody gets nowhere', async () => {
  const work = downloadPackage(
    download({ connection: { requestOptions: () => ({}) } }, { patienceMs: 50 }),
    never,
  )
  await expect(work).rejects.toThrow(/certificate/)
  expect(server.ranges).toHaveLength(0)
})

test('a package that has no room is refused before a byte is asked for', async () => {
  expect(await codeOf(downloadPackage(download({ size: 2 ** 40 }), never))).toBe('no-space')
  expect(server.ranges).toHaveLength(0)
})

test('no message of a failure holds the token of the address', async () => {
  const messages: string[] = []
  for (const status of [404, 302]) {
    server.answerWith((_request, response) =>
      response.writeHead(status, { location: 'http://a/?sig=secret' }).end(),
    )
    await downloadPackage(download(), never).catch((error: unknown) => messages.push(String(error)))
  }
  expect(messages).toHaveLength(2)
  expect(messages.join(' ')).not.toContain('secret')
})

test('an abort ends a download at once, and leaves what is there', async () => {
  server.answerWith((_request, response) => {
    response.writeHead(200, { etag: etagOf(bytes), 'content-length': bytes.length })
    response.write(bytes.subarray(0, 400_000))
  })
  const stop = new AbortController()
  const onProgress = (received: number) => {
    if (received === 400_000) stop.abort(new Error('stopped by the test'))
  }
  await expect(downloadPackage(download({ onProgress }), stop.signal)).rejects.toThrow()
  expect((await readFile(join(folder, 'package'))).length).toBe(400_000)
})
