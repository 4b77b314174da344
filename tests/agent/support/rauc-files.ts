import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../../build/agent-package/run.ts'

const slotBytes = 8 * 1024 * 1024

/**
 * Two slots that are plain files, a boot loader of files, two signers, and what tells RAUC of them; it trusts one. The
 * machine sees the folder at `place`.
 */
export async function writeRaucFiles(folder: string, place: string = folder): Promise<void> {
  const at = (name: string) => join(folder, name)
  for (const name of ['boot', 'mount']) await mkdir(at(name), { recursive: true })
  for (const name of ['own', 'other']) {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    const about = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`]
    await runTool('openssl', ['req', ...about, ...files])
  }
  for (const slot of ['A', 'B']) await writeFile(at(slot), Buffer.alloc(slotBytes))
  await writeFile(at('system.conf'), systemConf(place))
  await writeFile(at('boot/primary'), 'A\n')
  await writeFile(at('backend'), backend(join(place, 'boot')))
  await chmod(at('backend'), 0o755)
}

export interface RaucBundle {
  readonly version: string
  readonly content: Buffer
  readonly signer?: 'own' | 'other'
}

/** Makes a signed bundle with the keys in this folder, and resolves with its path. */
export async function makeRaucBundle(folder: string, bundle: RaucBundle): Promise<string> {
  const { version, content, signer = 'own' } = bundle
  const input = join(folder, `bundle-${version}`)
  await mkdir(input)
  await writeFile(join(input, 'rootfs.img'), content)
  const manifest = `[update]\ncompatible=pump-mk2\nversion=${version}\n\n[image.rootfs]\nfilename=rootfs.img\n`
  await writeFile(join(input, 'manifest.raucm'), manifest)
  const keys = [`--cert=${join(folder, `${signer}.pem`)}`, `--key=${join(folder, `${signer}.key`)}`]
  await runTool('rauc', ['bundle', ...keys, input, `${input}.raucb`])
  return `${input}.raucb`
}

function systemConf(place: string): string {
  const slot = (index: number, name: string) =>
    `[slot.rootfs.${index}]\ndevice=${place}/${name}\ntype=raw\nbootname=${name}\n`
  return `[system]
compatible=pump-mk2
bootloader=custom
bundle-formats=plain verity
statusfile=${place}/status
mountprefix=${place}/mount
[handlers]
bootloader-custom-backend=${place}/backend
[keyring]
path=${place}/own.pem
${slot(0, 'A')}${slot(1, 'B')}`
}

/** What RAUC asks of a boot loader that it does not know. */
function backend(bootFolder: string): string {
  return `#!/bin/sh
case "$1" in
  get-primary) cat ${bootFolder}/primary ;;
  set-primary) echo "$2" > ${bootFolder}/primary ;;
  get-state) cat "${bootFolder}/$2" 2>/dev/null || echo good ;;
  set-state)
    while [ "$2" = B ] && [ -e ${bootFolder}/hold ]; do touch ${bootFolder}/held; sleep 0.05; done
    echo "$3" > "${bootFolder}/$2" ;;
esac
`
}
