import { spawnSync } from 'node:child_process'
import { chmodSync, createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { createWriteStream } from 'node:fs'
import { projectFolder } from './run-program.ts'

const packageName = '@sparticuz/chromium'
const version = '153.0.0'
const folder = path.join(projectFolder, 'node_modules/.cache/drover/chromium')

/** A headless Chromium for 64-bit Linux that comes as an npm package, with the libraries it needs. Undefined elsewhere, or when npm fails. */
export async function getChromiumFromNpm(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const program = path.join(folder, `chromium-${version}.sh`)
  if (existsSync(program)) return program

  console.log(`Getting a headless Chromium from npm (${packageName}@${version}, 67 MB)...`)
  mkdirSync(folder, { recursive: true })
  const npmWords = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
  const npm = spawnSync('npm', [...npmWords, `${packageName}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (npm.status !== 0) return undefined

  const packed = path.join(folder, 'node_modules', packageName, 'bin')
  const binary = path.join(folder, 'chromium')
  await inflate(path.join(packed, 'chromium.br'), binary)
  chmodSync(binary, 0o755)
  for (const archive of ['al2023', 'swiftshader']) await unpack(path.join(packed, `${archive}.tar.br`))
  // A bare Debian lacks NSS and others; the package brings them for where they are missing.
  writeFileSync(
    program,
    `#!/bin/sh\nLD_LIBRARY_PATH="${folder}/lib:$LD_LIBRARY_PATH" exec "${binary}" "$@"\n`,
    { mode: 0o755 },
  )
  return program
}

async function inflate(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to))
}

async function unpack(archive: string): Promise<void> {
  const tar = path.join(folder, path.basename(archive, '.br'))
  await inflate(archive, tar)
  if (spawnSync('tar', ['-xf', tar, '-C', folder]).status !== 0)
    throw new Error(`${tar} could not be unpacked.`)
}
