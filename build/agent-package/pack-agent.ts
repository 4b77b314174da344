import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { agentVersion } from '../../device-agent/version.ts'
import { buildApp } from '../build.ts'
import { projectFolder } from '../run-program.ts'
import { makeDeb, type PackageParts } from './deb.ts'
import { layOut } from './layout.ts'
import { fetchNode, type Architecture } from './node-binary.ts'
import { runTool } from './run.ts'
import { makeTarball } from './tarball.ts'

export interface PackOptions {
  readonly architecture: Architecture
  readonly outFolder: string
  readonly formats: readonly Format[]
  readonly compression?: PackageParts['compression']
  /** Only a test packs another version than the agent's own. */
  readonly version?: string
}

export const formats = ['deb', 'tarball'] as const
export type Format = (typeof formats)[number]

/** Builds the agent and packs it with the Node of an architecture; resolves with the paths of the packages. */
export async function packAgent(options: PackOptions): Promise<string[]> {
  await buildApp()
  const node = await fetchNode(options.architecture)
  if (!node.isStripped)
    console.warn(`Nothing here strips ${options.architecture} programs: the package is larger.`)
  mkdirSync(options.outFolder, { recursive: true })
  const sourceDate = await sourceDateEpoch()
  const made: string[] = []
  for (const format of options.formats) {
    const workshop = mkdtempSync(path.join(os.tmpdir(), 'drover-agent-package-'))
    try {
      const tree = path.join(workshop, 'tree')
      layOut(tree, path.join(projectFolder, 'out/agent/drover-agent.mjs'), node)
      const { architecture, outFolder, version = agentVersion, compression = 'xz' } = options
      const parts = { tree, version, architecture, outFolder, sourceDate, compression }
      made.push(await (format === 'deb' ? makeDeb(parts) : makeTarball(parts)))
    } finally {
      rmSync(workshop, { recursive: true })
    }
  }
  return made
}

/** See https://reproducible-builds.org/specs/source-date-epoch/; without it, the time of the last commit. */
async function sourceDateEpoch(): Promise<number> {
  const given = process.env['SOURCE_DATE_EPOCH']
  const text =
    given ?? (await runTool('git', ['log', '-1', '--format=%ct'], { cwd: projectFolder }).catch(() => '0'))
  return Number(text)
}
