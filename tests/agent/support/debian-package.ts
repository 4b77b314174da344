import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../../build/agent-package/run.ts'

export interface DebianPackage {
  readonly name: string
  readonly version: string
  /** Below the root of the device: what is installed. */
  readonly files: Readonly<Record<string, string>>
  /** The body of a shell script that runs when it is installed. */
  readonly afterwards?: string
}

/** Makes a package for every architecture, and resolves with its path. */
export async function makeDebianPackage(folder: string, parts: DebianPackage): Promise<string> {
  const { name, version, files, afterwards } = parts
  const tree = join(folder, `${name}-${version}`)
  await mkdir(join(tree, 'DEBIAN'), { recursive: true })
  const fields = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Maintainer: 'a <a@b>',
    Description: 'a',
  }
  const control = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`)
  await writeFile(join(tree, 'DEBIAN/control'), control.join(''))
  if (afterwards !== undefined) {
    await writeFile(join(tree, 'DEBIAN/postinst'), `#!/bin/sh\n${afterwards}\n`)
    await chmod(join(tree, 'DEBIAN/postinst'), 0o755)
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(tree, file, '..'), { recursive: true })
    await writeFile(join(tree, file), text)
  }
  const path = `${tree}.deb`
  await runTool('dpkg-deb', ['-Znone', '--build', '--root-owner-group', tree, path])
  return path
}
