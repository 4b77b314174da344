import { readFile, stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { FirmwareManifest, firmwareManifestFormat, PackageAddress } from '../../contract/device/firmware.ts'
import { hashFile } from '../firmware/file-hash.ts'
import { readPrivateKey, signFirmware } from '../firmware/signing.ts'

export const signUsage = `Usage: drover-agent sign --key FILE --package FILE --uri URL --fw-version VERSION
         --sequence NUMBER --hardware NAME[,NAME] --module NAME [--expires DATE] [--only-there]

Signs a firmware package, and prints the release as Drover takes it.
  --key FILE         the private key that "drover-agent keygen" has made
  --package FILE     the package, as the devices will download it
  --uri URL          where they will find it: https; a SAS token in it is not signed
  --fw-version TEXT  the version that the devices run afterwards
  --sequence NUMBER  grows with every release: devices take none that is lower than what they have
  --hardware NAMES   the hardware that it is for, with commas between the names
  --module NAME      the update module that installs it: ab-slots, deb, file, rauc, script, swupdate
  --expires DATE     after this day it is not installed any more (default: in 90 days)
  --only-there       devices may take it from this URL only, token and all
`

const options = {
  key: { type: 'string' },
  package: { type: 'string' },
  uri: { type: 'string' },
  'fw-version': { type: 'string' },
  sequence: { type: 'string' },
  hardware: { type: 'string' },
  module: { type: 'string' },
  expires: { type: 'string' },
  'only-there': { type: 'boolean' },
} as const

const defaultLifetimeMs = 90 * 24 * 3_600_000

/** Signs a package, and gives the release as one line of JSON. Throws with what is wrong, named as the option. */
export async function sign(parameters: readonly string[], now: number): Promise<string> {
  const { values } = parseArgs({ args: [...parameters], options })
  const key = readPrivateKey(await readFile(required(values, 'key'), 'utf8'))
  const uri = required(values, 'uri')
  if (!PackageAddress.safeParse(uri).success) throw new Error('--uri must be an https address')
  const packageFile = required(values, 'package')
  const manifest = FirmwareManifest.safeParse({
    format: firmwareManifestFormat,
    version: required(values, 'fw-version'),
    sequence: Number(required(values, 'sequence')),
    ...(await measure(packageFile)),
    hardware: required(values, 'hardware').split(','),
    expiresAt: expiryOf(values.expires, now),
    module: required(values, 'module'),
    ...(values['only-there'] === true && { packageUri: uri }),
  })
  if (!manifest.success) throw new Error(wrongOption(manifest.error.issues[0]?.path[0]))
  return JSON.stringify({ fwPackageUri: uri, ...signFirmware(manifest.data, key) })
}

function required(values: Readonly<Record<string, string | boolean | undefined>>, name: string): string {
  const value = values[name]
  if (typeof value !== 'string' || value === '') throw new Error(`sign needs --${name}`)
  return value
}

async function measure(path: string): Promise<{ size: number; sha256: string }> {
  const { size } = await stat(path)
  return { size, sha256: (await hashFile(path)).digest('hex') }
}

function expiryOf(text: string | undefined, now: number): string {
  const time = text === undefined ? now + defaultLifetimeMs : Date.parse(text)
  if (Number.isNaN(time)) throw new Error('--expires must be a date, such as 2027-01-31')
  if (time <= now) throw new Error('--expires is over already')
  return new Date(time).toISOString()
}

function wrongOption(field: PropertyKey | undefined): string {
  const names: Readonly<Record<string, string>> = {
    version: '--fw-version',
    size: '--package: it is empty, or too large',
  }
  const name = String(field)
  return `${names[name] ?? `--${name}`} is not valid`
}
