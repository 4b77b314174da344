import { execFileSync, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPartialFile } from '../device-agent/firmware/partial-file.ts'

/**
 * What it costs to verify and write a firmware image: `node bench/firmware.ts [MiB]`, with 1024 MiB unless told
 * otherwise. Compared with `cat image | sha256sum`, and with the memory of the bare runtime, in one run.
 */

const mebibyte = 1024 * 1024
const rounds = 3

/** The child: reads the image, hashes and writes it as a download does, and tells its largest resident set in KiB. */
async function verifyAndWrite(image: string, folder: string): Promise<void> {
  const part = await openPartialFile({ folder, bootId: 'bench', packageKey: image })
  await part.restart('"bench"')
  const source = await open(image, 'r')
  const buffer = Buffer.allocUnsafe(mebibyte)
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, mebibyte)
    if (bytesRead === 0) break
    await part.append([buffer.subarray(0, bytesRead)])
  }
  await source.close()
  await part.sync()
  console.log(JSON.stringify({ sha256: part.digest(), maxRss: process.resourceUsage().maxRSS }))
  await part.close()
}

interface Measured {
  readonly seconds: number
  readonly sha256: string
  readonly maxRss: number
}

function runChild(parameters: readonly string[]): Measured {
  const startedAt = performance.now()
  const { stdout, status, stderr } = spawnSync(process.execPath, [import.meta.filename, ...parameters], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  const seconds = (performance.now() - startedAt) / 1000
  return { seconds, ...(JSON.parse(stdout) as Omit<Measured, 'seconds'>) }
}

function catAndHash(image: string): Measured {
  const startedAt = performance.now()
  const output = execFileSync('sh', ['-c', 'cat "$1" | sha256sum', 'sh', image], { encoding: 'utf8' })
  return { seconds: (performance.now() - startedAt) / 1000, sha256: output.slice(0, 64), maxRss: 0 }
}

async function makeImage(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, 'w')
  const block = Buffer.alloc(mebibyte)
  for (let index = 0; index < mebibytes; index += 1) {
    block.fill(index % 251)
    await file.write(block)
  }
  await file.sync()
  await file.close()
}

async function bench(mebibytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  try {
    const image = join(folder, 'image')
    await makeImage(image, mebibytes)
    const bare = runChild(['--bare'])
    const pairs = Array.from({ length: rounds }, () => ({
      reference: catAndHash(image),
      ours: runChild(['--child', image, join(folder, 'slot')]),
    }))
    report(statSync(image).size, bare, pairs)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function report(
  size: number,
  bare: Measured,
  pairs: readonly { reference: Measured; ours: Measured }[],
): void {
  const perSecond = ({ seconds }: Measured) => size / mebibyte / seconds
  // The best of each: whatever else the computer does only slows them down.
  const best = (kind: 'ours' | 'reference') => Math.max(...pairs.map((pair) => perSecond(pair[kind])))
  const ratio = best('ours') / best('reference')
  const memory = Math.max(...pairs.map(({ ours }) => ours.maxRss)) - bare.maxRss
  for (const { reference, ours } of pairs) {
    if (reference.sha256 !== ours.sha256) throw new Error('the hashes differ')
    console.log(
      `cat | sha256sum ${perSecond(reference).toFixed(0)} MiB/s   verify and write ${perSecond(ours).toFixed(0)} MiB/s`,
    )
  }
  console.log(
    `ratio ${ratio.toFixed(2)} (at least 0.8)   memory ${(memory / 1024).toFixed(1)} MiB above bare (at most 32)`,
  )
  if (ratio < 0.8 || memory > 32 * 1024) process.exitCode = 1
}

const [mode = '1024', image = '', folder = ''] = process.argv.slice(2)
if (mode === '--bare') console.log(JSON.stringify({ sha256: '', maxRss: process.resourceUsage().maxRSS }))
else if (mode === '--child') await verifyAndWrite(image, folder)
else await bench(Number(mode))
