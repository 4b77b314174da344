import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { projectFolder } from '../run-program.ts'
import { hasTool, runTool } from './run.ts'

/** Debian's name of an architecture, and what others call it. */
export const architectures = {
  amd64: { npm: 'x64', strippers: ['x86_64-linux-gnu-strip', 'llvm-strip'] },
  arm64: { npm: 'arm64', strippers: ['aarch64-linux-gnu-strip', 'llvm-strip'] },
} as const

export type Architecture = keyof typeof architectures

export interface NodeBinary {
  readonly program: string
  readonly licence: string
  readonly version: string
  /** False where no tool can take the symbols out: the same program, 16 MB larger. */
  readonly isStripped: boolean
}

const cache = path.join(projectFolder, 'out/node')

const LockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
})

/**
 * The Node of that architecture, from the package that npm publishes it in. Rejects when what npm gave does not have
 * the SHA-512 of package-lock.json; nothing of it is unpacked before.
 */
export async function fetchNode(architecture: Architecture): Promise<NodeBinary> {
  const name = `node-linux-${architectures[architecture].npm}`
  const { version, integrity } = readLock(name)
  const archive = path.join(cache, `${name}-${version}.tgz`)
  if (!existsSync(archive)) await download(`${name}@${version}`, archive)
  await verifyIntegrity(archive, integrity)
  const folder = path.join(cache, `${name}-${version}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const wanted = ['package/bin/node', 'package/LICENSE']
  await runTool('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', ...wanted])
  const program = path.join(folder, 'bin/node')
  const isStripped = await strip(program, architectures[architecture].strippers)
  return { program, licence: path.join(folder, 'LICENSE'), version, isStripped }
}

/** Rejects, and removes the file, when it is not the one that `integrity` describes. */
export async function verifyIntegrity(file: string, integrity: string): Promise<void> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  if (`sha512-${hash.digest('base64')}` === integrity) return
  rmSync(file)
  throw new Error(
    `${path.basename(file)} is not the file whose SHA-512 is in package-lock.json; it was deleted`,
  )
}

function readLock(name: string): { version: string; integrity: string } {
  const lock = LockFile.parse(JSON.parse(readFileSync(path.join(projectFolder, 'package-lock.json'), 'utf8')))
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {}
  if (version === undefined || !integrity?.startsWith('sha512-'))
    throw new Error(`package-lock.json has no SHA-512 of ${name}`)
  return { version, integrity }
}

/** Through npm, so that its registry, proxy and cache apply. */
async function download(specification: string, archive: string): Promise<void> {
  const draft = `${archive}.d`
  mkdirSync(draft, { recursive: true })
  await runTool('npm', ['pack', specification, '--silent', '--prefer-offline', '--pack-destination', draft], {
    cwd: projectFolder,
  })
  renameSync(path.join(draft, path.basename(archive)), archive)
  rmSync(draft, { recursive: true })
}

async function strip(program: string, tools: readonly string[]): Promise<boolean> {
  for (const tool of tools) {
    if (!(await hasTool(tool))) continue
    await runTool(tool, ['--strip-all', program])
    return true
  }
  return false
}
