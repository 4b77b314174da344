import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateKeyPair } from '../firmware/signing.ts'

export const keygenUsage = `Usage: drover-agent keygen [--out DIR]

Makes a pair of keys for firmware, in DIR (default: this folder):
  <key id>.private.pem  signs releases; keep it on no device, and in no repository
  <key id>.pem          goes into /etc/drover-agent/firmware-keys of every device
`

/** Makes a key pair in two files, of which only the owner can read the secret one. Gives the lines to print. */
export async function keygen(parameters: readonly string[]): Promise<string[]> {
  const { values } = parseArgs({ args: [...parameters], options: { out: { type: 'string' } } })
  const folder = values.out ?? '.'
  const { keyId, privatePem, publicPem } = generateKeyPair()
  const privateFile = join(folder, `${keyId}.private.pem`)
  const publicFile = join(folder, `${keyId}.pem`)
  await writeNew(privateFile, privatePem, 0o600)
  await writeNew(publicFile, publicPem, 0o644)
  return [
    `key id       ${keyId}`,
    `private key  ${privateFile}: signs releases; keep it off every device`,
    `public key   ${publicFile}: copy it to /etc/drover-agent/firmware-keys of the devices`,
  ]
}

/** Never over a file that is there: the only copy of a key may be in it. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
