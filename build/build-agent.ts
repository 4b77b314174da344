import { statSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { architectures, type Architecture } from './agent-package/node-binary.ts'
import { formats, packAgent } from './agent-package/pack-agent.ts'
import { hasTool } from './agent-package/run.ts'
import { projectFolder } from './run-program.ts'

const usage = `Usage: npm run build:agent -- [--arch amd64|arm64] [--out DIR]

Packs the device agent with its own Node.js: a Debian package and a tarball with install.sh, for both
architectures unless one is given, into dist/agent.
`

/** npm run build:agent: all that a device owner may want to install, in dist/agent. */
async function buildAgent(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { arch: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const wanted = Object.keys(architectures).filter(isArchitecture)
  const chosen = values.arch === undefined ? wanted : wanted.filter((name) => name === values.arch)
  if (chosen.length === 0) throw new Error(`there is no architecture ${values.arch}\n\n${usage}`)
  const hasDpkg = await hasTool('dpkg-deb')
  if (!hasDpkg) console.warn('There is no dpkg-deb here: only the tarballs are made.')
  const outFolder = path.resolve(projectFolder, values.out ?? 'dist/agent')
  for (const architecture of chosen) {
    const options = { architecture, outFolder, formats: formats.filter((name) => hasDpkg || name !== 'deb') }
    for (const file of await packAgent(options)) console.log(`${megabytes(file)} MB  ${file}`)
  }
  return 0
}

function isArchitecture(name: string): name is Architecture {
  return Object.hasOwn(architectures, name)
}

function megabytes(file: string): string {
  return (statSync(file).size / 1e6).toFixed(1)
}

try {
  process.exitCode = await buildAgent(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
