import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { projectFolder } from '../run-program.ts'
import { hasTool, runTool } from './run.ts'

/** The programs of Node that npm publishes, each in a package of its own, and what takes symbols out of them. */
export const platforms = {
  'linux-x64': { program: 'bin/node', strippers: ['x86_64-linux-gnu-strip', 'llvm-strip'] },
  'linux-arm64': { program: 'bin/node', strippers: ['aarch64-linux-gnu-strip', 'llvm-strip'] },
  'win-x64': { program: 'bin/node.exe', strippers: [] },
} as const

export type Platform = keyof typeof platforms

export interface NodeBinary {
  readonly program: string
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
 * The Node of that platform, from the package that npm publishes it in. Rejects when what npm gave does not have the
 * SHA-512 of package-lock.json; nothing of it is unpacked before.
 */
export async function fetchNode(platform: Platform): Promise<NodeBinary> {
  const { program, strippers } = platforms[platform]
  const stripper = await firstOf(strippers)
  const finish = async (folder: string): Promise<void> => {
    if (stripper !== undefined) await runTool(stripper, ['--strip-all', path.join(folder, program)])
  }
  const kind = stripper === undefined ? 'whole' : 'stripped'
  const { folder, version } = await unpack({ platform, file: program, kind, finish })
  return { program: path.join(folder, program), version, isStripped: stripper !== undefined }
}

/** The words of Node's licence, which come along with it; its package for Windows leaves them out. */
export async function fetchNodeLicence(): Promise<string> {
  const finish = (): Promise<void> => Promise.resolve()
  const { folder } = await unpack({ platform: 'linux-x64', file: 'LICENSE', kind: 'licence', finish })
  return readFileSync(path.join(folder, 'LICENSE'), 'utf8')
}

interface Unpacking {
  readonly platform: Platform
  /** The one file of the package that is wanted. */
  readonly file: string
  /** What it is afterwards; part of the folder's name. */
  readonly kind: string
  /** Does the rest, in the folder. */
  readonly finish: (folder: string) => Promise<void>
}

/** Puts one file of a package into a folder that holds nothing else, and that appears when all of it is there. */
async function unpack({ platform, file, kind, finish }: Unpacking): Promise<{
  folder: string
  version: string
}> {
  const name = `node-${platform}`
  const { version, integrity } = readLock(name)
  const archive = path.join(cache, `${name}-${version}.tgz`)
  if (!existsSync(archive)) await download(`${name}@${version}`, archive)
  await verifyIntegrity(archive, integrity)
  const folder = path.join(cache, `${name}-${version}-${kind}`)
  if (existsSync(folder)) return { folder, version }
  const draft = mkdtempSync(`${folder}.`)
  await runTool('tar', ['-xzf', archive, '-C', draft, '--strip-components=1', `package/${file}`])
  await finish(draft)
  moveTo(folder, draft)
  return { folder, version }
}

/** Whoever was quicker has made the same. */
function moveTo(target: string, draft: string): void {
  try {
    renameSync(draft, target)
  } catch (error) {
    if (!existsSync(target)) throw error
    rmSync(draft, { recursive: true })
  }
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
  mkdirSync(cache, { recursive: true })
  const draft = mkdtempSync(`${archive}.`)
  await runTool('npm', ['pack', specification, '--silent', '--prefer-offline', '--pack-destination', draft], {
    cwd: projectFolder,
  })
  renameSync(path.join(draft, path.basename(archive)), archive)
  rmSync(draft, { recursive: true })
}

/** The first of the tools that this machine has. */
async function firstOf(tools: readonly string[]): Promise<string | undefined> {
  for (const tool of tools) if (await hasTool(tool)) return tool
  return undefined
}
