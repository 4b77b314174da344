import { chmodSync, cpSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { PackageParts } from './deb.ts'
import { packageFile } from './layout.ts'
import { runTool } from './run.ts'

/** Makes the archive for a Linux without dpkg, with its `install.sh`, and resolves with its path. Uses up the tree. */
export async function makeTarball(parts: PackageParts): Promise<string> {
  const { tree, version, platform, outFolder, sourceDate, compression } = parts
  const name = `drover-agent-${version}-${platform}`
  const top = path.join(path.dirname(tree), name)
  renameSync(tree, top)
  cpSync(packageFile('install.sh'), path.join(top, 'install.sh'))
  chmodSync(path.join(top, 'install.sh'), 0o755)
  const tarball = path.join(outFolder, `${name}.tar.gz`)
  const isSameEverywhere = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${sourceDate}`,
  ]
  const gzip = compression === 'none' ? 'gzip -n1' : 'gzip -n'
  const what = ['-C', path.dirname(top), name]
  await runTool('tar', [...isSameEverywhere, '-I', gzip, '-cf', tarball, ...what])
  return tarball
}
