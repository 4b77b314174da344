import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { inject } from 'postject'
import type { NodeBinary } from './node-binary.ts'
import { runTool } from './run.ts'
import { withoutSignature } from './windows-program.ts'

export interface ExecutableParts {
  /** The program as one CommonJS file. */
  readonly bundle: string
  readonly node: NodeBinary
  readonly target: string
}

/** What Node looks for in itself; see https://nodejs.org/api/single-executable-applications.html */
const resourceName = 'NODE_SEA_BLOB'
const sentinelFuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * How Node runs the agent, here and in the launcher of the packages: silent about what the SDK uses and Node has
 * deprecated, and with a young generation of 1 MiB, which takes 13 MB off an agent that waits.
 */
export const nodeFlags = ['--no-deprecation', '--max-semi-space-size=1'] as const

/** Makes one file of a program and the Node that runs it. The same input makes the same bytes. */
export async function makeExecutable({ bundle, node, target }: ExecutableParts): Promise<void> {
  if (process.version !== `v${node.version}`)
    throw new Error(
      `Node ${node.version} reads only what Node ${node.version} made; this is ${process.version}`,
    )
  copyFileSync(node.program, target)
  if (target.endsWith('.exe')) writeFileSync(target, withoutSignature(readFileSync(target)))
  await withoutChatter(async () => {
    await inject(target, resourceName, await makeBlob(bundle), { sentinelFuse })
  })
  chmodSync(target, 0o755)
}

async function makeBlob(bundle: string): Promise<Buffer> {
  const workshop = mkdtempSync(path.join(os.tmpdir(), 'drover-agent-blob-'))
  try {
    const [config, output] = [path.join(workshop, 'config.json'), path.join(workshop, 'blob')]
    writeFileSync(config, JSON.stringify({ ...blobSettings, main: bundle, output }))
    await runTool(process.execPath, ['--experimental-sea-config', config], { cwd: workshop })
    return readFileSync(output)
  } finally {
    rmSync(workshop, { recursive: true })
  }
}

const blobSettings = {
  disableExperimentalSEAWarning: true,
  // A code cache and a snapshot are of one architecture; the blob is for all.
  useCodeCache: false,
  useSnapshot: false,
  execArgv: nodeFlags,
  // NODE_OPTIONS and --node-options change nothing: what the agent is, its file says.
  execArgvExtension: 'none',
}

/** The injector tells the console of each symbol that it does not know. */
async function withoutChatter(work: () => Promise<void>): Promise<void> {
  const { warn, log } = console
  console.warn = console.log = () => undefined
  try {
    await work()
  } finally {
    Object.assign(console, { warn, log })
  }
}
