import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../../build/agent-package/run.ts'

/** Why SWUpdate, or what makes its images, cannot be had here; undefined when it can. */
export async function whyNoSwupdate(): Promise<string | undefined> {
  for (const tool of ['swupdate', 'cpio', 'openssl']) {
    const isThere = await runTool('sh', ['-c', `command -v ${tool}`]).then(Boolean, () => false)
    if (!isThere) return `there is no ${tool} here`
  }
  return undefined
}

export interface SwupdateImage {
  readonly path: string
  /** With these SWUpdate takes the images of `own`. */
  readonly options: string
}

export interface ImageParts {
  readonly version: string
  readonly content: Buffer
  /** The file that is written. */
  readonly slot: string
  readonly signer?: 'own' | 'other'
}

/** Makes an image as the Debian build of SWUpdate demands it: signed with CMS. */
export async function makeSwupdateImage(folder: string, parts: ImageParts): Promise<SwupdateImage> {
  const { version, content, slot, signer = 'own' } = parts
  const at = (name: string) => join(folder, name)
  for (const name of ['own', 'other']) {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    const purpose = ['-subj', `/CN=${name}`, '-addext', 'extendedKeyUsage=emailProtection']
    const isMade = await runTool('ls', [at(`${name}.pem`)]).then(Boolean, () => false)
    if (!isMade)
      await runTool('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...purpose, ...files])
  }
  const sha256 = createHash('sha256').update(content).digest('hex')
  const image = `filename = "rootfs.img"; device = "${slot}"; type = "raw"; sha256 = "${sha256}";`
  const description = `software = { version = "${version}"; hardware-compatibility: [ "1.0" ];
    stable = { copy2 = { images: ( { ${image} } ); }; }; }`
  await writeFile(at('rootfs.img'), content)
  await writeFile(at('sw-description'), description)
  const sign = ['cms', '-sign', '-in', 'sw-description', '-out', 'sw-description.sig', '-outform', 'DER']
  const keys = ['-signer', `${signer}.pem`, '-inkey', `${signer}.key`, '-nosmimecap', '-binary']
  await runTool('openssl', [...sign, ...keys], { cwd: folder })
  const path = at(`${version}.swu`)
  const names = 'sw-description\nsw-description.sig\nrootfs.img\n'
  execFileSync('cpio', ['-o', '-H', 'crc', '--quiet', '-O', path], { cwd: folder, input: names })
  return { path, options: `-e stable,copy2 -H board:1.0 -k ${at('own.pem')}` }
}
