import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { agentVersion } from '../../device-agent/version.ts'
import { buildApp } from '../build.ts'
import { projectFolder } from '../run-program.ts'
import { architectures, makeDeb, type LinuxPlatform, type PackageParts } from './deb.ts'
import { makeExecutable } from './executable.ts'
import { layOut, withoutSourceMap } from './layout.ts'
import { fetchNode, type NodeBinary, type Platform } from './node-binary.ts'
import { runTool } from './run.ts'
import { makeTarball } from './tarball.ts'

export interface PackOptions {
  readonly platform: Platform
  readonly outFolder: string
  /** Windows has only the executable; what it has not is left out. */
  readonly formats: readonly Format[]
  readonly compression?: PackageParts['compression']
  /** Only a test packs another version than the agent's own. */
  readonly version?: string
}

export const formats = ['deb', 'tarball', 'executable'] as const
export type Format = (typeof formats)[number]

/** Builds the agent and packs it with the Node of a platform; resolves with the paths of what was made. */
export async function packAgent(options: PackOptions): Promise<string[]> {
  await buildApp()
  const node = await fetchNode(options.platform)
  if (!node.isStripped && isLinux(options.platform))
    console.warn(`Nothing here strips programs of ${options.platform}: what is made is larger.`)
  mkdirSync(options.outFolder, { recursive: true })
  const made: string[] = []
  for (const format of options.formats) {
    const workshop = mkdtempSync(path.join(os.tmpdir(), 'drover-agent-package-'))
    try {
      if (format === 'executable') made.push(await packExecutable(options, node, workshop))
      else if (isLinux(options.platform)) made.push(await packTree({ ...options, format }, node, workshop))
    } finally {
      rmSync(workshop, { recursive: true })
    }
  }
  return made
}

async function packTree(
  options: PackOptions & { readonly format: 'deb' | 'tarball' },
  node: NodeBinary,
  workshop: string,
): Promise<string> {
  const { platform, outFolder, version = agentVersion, compression = 'xz' } = options
  if (!isLinux(platform)) throw new Error(`there is no package for ${platform}`)
  const tree = path.join(workshop, 'tree')
  await layOut(tree, bundle, node)
  const parts = { tree, version, platform, outFolder, sourceDate: await sourceDateEpoch(), compression }
  return options.format === 'deb' ? makeDeb(parts) : makeTarball(parts)
}

async function packExecutable(options: PackOptions, node: NodeBinary, workshop: string): Promise<string> {
  const { platform, outFolder, version = agentVersion } = options
  const own = path.join(workshop, path.basename(bundle))
  writeFileSync(own, withoutSourceMap(bundle))
  const target = path.join(outFolder, `drover-agent-${version}-${platform}${isLinux(platform) ? '' : '.exe'}`)
  await makeExecutable({ bundle: own, node, target })
  return target
}

const bundle = path.join(projectFolder, 'out/agent/drover-agent.cjs')

function isLinux(platform: Platform): platform is LinuxPlatform {
  return Object.hasOwn(architectures, platform)
}

/** See https://reproducible-builds.org/specs/source-date-epoch/; without it, the time of the last commit. */
async function sourceDateEpoch(): Promise<number> {
  const given = process.env['SOURCE_DATE_EPOCH']
  const text =
    given ?? (await runTool('git', ['log', '-1', '--format=%ct'], { cwd: projectFolder }).catch(() => '0'))
  return Number(text)
}
