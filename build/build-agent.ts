import { createHash } from 'node:crypto'
import { createReadStream, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { licencesOf } from './agent-package/layout.ts'
import { platforms, type Platform } from './agent-package/node-binary.ts'
import { formats, packAgent } from './agent-package/pack-agent.ts'
import { hasTool } from './agent-package/run.ts'
import { projectFolder } from './run-program.ts'

const usage = `Usage: npm run build:agent -- [--platform linux-x64|linux-arm64|win-x64] [--out DIR]

Packs the device agent with its own Node.js into dist/agent: for Linux a Debian package, a tarball with install.sh and
an executable that needs nothing else; for Windows an executable. For all platforms unless one is given.
`

/** npm run build:agent: all that a device owner may want to install, in dist/agent. */
async function buildAgent(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { platform: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const all = Object.keys(platforms).filter(isPlatform)
  const chosen = values.platform === undefined ? all : all.filter((name) => name === values.platform)
  if (chosen.length === 0) throw new Error(`there is no platform ${values.platform}\n\n${usage}`)
  const hasDpkg = await hasTool('dpkg-deb')
  if (!hasDpkg) console.warn('There is no dpkg-deb here: no Debian package is made.')
  const outFolder = path.resolve(projectFolder, values.out ?? 'dist/agent')
  const made: string[] = []
  for (const platform of chosen) {
    const options = { platform, outFolder, formats: formats.filter((name) => hasDpkg || name !== 'deb') }
    made.push(...(await packAgent(options)))
  }
  await describe(outFolder, made)
  return 0
}

/** Beside what was made: its checksums, for `sha256sum --check`, and the licences that an executable cannot show. */
async function describe(outFolder: string, made: readonly string[]): Promise<void> {
  const lines: string[] = []
  for (const file of made) {
    lines.push(`${await sha256(file)}  ${path.basename(file)}\n`)
    console.log(`${(statSync(file).size / 1e6).toFixed(1)} MB  ${file}`)
  }
  writeFileSync(path.join(outFolder, 'SHA256SUMS'), lines.join(''))
  writeFileSync(path.join(outFolder, 'LICENSES.txt'), await licencesOf({ version: process.versions.node }))
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function isPlatform(name: string): name is Platform {
  return Object.hasOwn(platforms, name)
}

try {
  process.exitCode = await buildAgent(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
