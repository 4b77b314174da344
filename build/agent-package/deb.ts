import { createHash } from 'node:crypto'
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { packageFile } from './layout.ts'
import { runTool } from './run.ts'

/** Debian's names of the platforms that there are packages for. */
export const architectures = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' } as const

export type LinuxPlatform = keyof typeof architectures

export interface PackageParts {
  /** A folder with what `layOut` made. */
  readonly tree: string
  readonly version: string
  readonly platform: LinuxPlatform
  readonly outFolder: string
  /** Seconds since 1970: no file in the package is younger, so that the same input makes the same bytes. */
  readonly sourceDate: number
  /** `none` is for tests: 120 MB in no time. */
  readonly compression: 'xz' | 'none'
}

/** Makes the Debian package and resolves with its path. Writes its control files into the tree. */
export async function makeDeb(parts: PackageParts): Promise<string> {
  const { tree, version, platform, outFolder, sourceDate, compression } = parts
  const control = path.join(tree, 'DEBIAN')
  const files = filesBelow(tree)
  mkdirSync(control)
  chmodSync(control, 0o755)
  write(path.join(control, 'control'), controlFile(parts, files), 0o644)
  write(path.join(control, 'conffiles'), '/etc/drover-agent/agent.conf\n', 0o644)
  write(path.join(control, 'md5sums'), checksums(tree, files), 0o644)
  for (const script of ['postinst', 'prerm', 'postrm']) {
    cpSync(packageFile(script), path.join(control, script))
    chmodSync(path.join(control, script), 0o755)
  }
  const deb = path.join(outFolder, `drover-agent_${version}_${architectures[platform]}.deb`)
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(sourceDate) }
  await runTool('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', tree, deb], { env })
  return deb
}

function controlFile({ tree, version, platform }: PackageParts, files: readonly string[]): string {
  const bytes = files.reduce((sum, file) => sum + lstatSync(path.join(tree, file)).size, 0)
  return [
    'Package: drover-agent',
    `Version: ${version}`,
    `Architecture: ${architectures[platform]}`,
    'Maintainer: The Drover authors <drover@example.com>',
    `Installed-Size: ${Math.ceil(bytes / 1024)}`,
    'Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1, systemd (>= 247)',
    'Section: admin',
    'Priority: optional',
    'Homepage: https://github.com/drover-iot/drover',
    'Description: reboots this device when its Azure IoT hub asks for it, and proves it',
    ' The device side of Drover. It connects to an IoT hub, performs each action at',
    ' most once, and reports an outcome only with evidence: a reboot is done when the',
    ' boot id has changed. It brings its own Node.js and runs as its own user.',
    '',
  ].join('\n')
}

/** As md5sums(5) wants it for `dpkg --verify`, without the configuration files. */
function checksums(tree: string, files: readonly string[]): string {
  return files
    .filter((file) => !file.startsWith('etc/'))
    .map(
      (file) =>
        `${createHash('md5')
          .update(readFileSync(path.join(tree, file)))
          .digest('hex')}  ${file}\n`,
    )
    .join('')
}

function filesBelow(tree: string): string[] {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(tree, path.join(entry.parentPath, entry.name)))
    .sort()
}

function write(file: string, text: string, mode: number): void {
  writeFileSync(file, text)
  chmodSync(file, mode)
}
