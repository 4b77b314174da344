import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { projectFolder } from '../run-program.ts'
import { fetchNodeLicence, type NodeBinary } from './node-binary.ts'

const files = path.join(import.meta.dirname, 'files')

interface Entry {
  /** Below the root of the package. */
  readonly target: string
  readonly mode: 0o644 | 0o755
  /** A file to copy, or the bytes themselves. */
  readonly content: string | Buffer
}

/** Lays all that is installed below `root`, with the modes that it has on the device. */
export async function layOut(root: string, bundle: string, node: NodeBinary): Promise<void> {
  const licences = await licencesOf(node)
  for (const { target, mode, content } of entries(bundle, node, licences)) {
    const file = path.join(root, target)
    makeFolders(root, path.dirname(target))
    if (typeof content === 'string') copyFileSync(content, file)
    else writeFileSync(file, content)
    chmodSync(file, mode)
  }
}

export function packageFile(name: string): string {
  return path.join(files, name)
}

/** What has to come along with a copy of the agent and of its Node. */
export async function licencesOf({ version }: Pick<NodeBinary, 'version'>): Promise<string> {
  const own = readFileSync(path.join(projectFolder, 'LICENSE'), 'utf8')
  return `drover-agent\n\n${own}\n\nNode.js ${version}, which runs it\n\n${await fetchNodeLicence()}`
}

function entries(bundle: string, node: NodeBinary, licences: string): Entry[] {
  const helperUnits = [
    'drover-agent-helper.socket',
    'drover-agent-helper@.service',
    'drover-agent-installer.socket',
    'drover-agent-installer@.service',
    'drover-agent-wipe.service',
  ]
  const units = ['drover-agent.service', ...helperUnits]
  return [
    { target: 'usr/bin/drover-agent', mode: 0o755, content: packageFile('drover-agent') },
    { target: 'usr/lib/drover-agent/node', mode: 0o755, content: node.program },
    { target: 'usr/lib/drover-agent/drover-agent.cjs', mode: 0o644, content: withoutSourceMap(bundle) },
    { target: 'usr/lib/drover-agent/clock', mode: 0o755, content: packageFile('clock') },
    { target: 'usr/lib/drover-agent/helper', mode: 0o755, content: packageFile('helper') },
    { target: 'usr/lib/sysusers.d/drover-agent.conf', mode: 0o644, content: packageFile('sysusers.conf') },
    ...units.map((unit): Entry => {
      return { target: `usr/lib/systemd/system/${unit}`, mode: 0o644, content: packageFile(unit) }
    }),
    { target: 'etc/drover-agent/agent.conf', mode: 0o644, content: packageFile('agent.conf') },
    ...updateModules(),
    { target: 'usr/share/doc/drover-agent/copyright', mode: 0o644, content: Buffer.from(licences) },
    { target: 'usr/share/doc/drover-agent/changelog.gz', mode: 0o644, content: changelog() },
  ]
}

/** How firmware of each kind is installed: programs that a device owner can read, copy and change. */
function updateModules(): Entry[] {
  const folder = path.join(projectFolder, 'device-agent/update-modules')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => !name.endsWith('.ts'))
  return names.sort().map((name): Entry => {
    const target = `usr/lib/drover-agent/update-modules/${name}`
    return { target, mode: 0o755, content: path.join(folder, name) }
  })
}

/** One level at a time, because the mode of mkdir is cut by the umask of whoever builds. */
function makeFolders(root: string, folder: string): void {
  let current = root
  for (const part of folder.split('/')) {
    current = path.join(current, part)
    mkdirSync(current, { recursive: true })
    chmodSync(current, 0o755)
  }
}

/** The map stays here; its name would only send a debugger looking. */
export function withoutSourceMap(bundle: string): Buffer {
  return Buffer.from(readFileSync(bundle, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
}

function changelog(): Buffer {
  return gzipSync(readFileSync(path.join(projectFolder, 'CHANGELOG.md')), { level: 9 })
}
