/** What a release says of itself, as far as the dialog shows it. The agent is the one that checks it. */
export interface FirmwareRelease {
  readonly fwVersion: string
  /** Absent when it does not say where the package is. */
  readonly fwPackageUri: string | undefined
  /** The hardware that it is for. */
  readonly hardware: readonly string[]
  readonly expiresAt: string | undefined
  readonly isSigned: boolean
}

export type ReleaseMistake = 'not-json' | 'not-release' | 'unsigned'

export type ReleaseCheck =
  | { readonly kind: 'empty' }
  | { readonly kind: 'release'; readonly release: FirmwareRelease }
  | { readonly kind: ReleaseMistake }

/** Reads what `drover-agent sign` printed: the payload, with the manifest that the signature is for as text in it. */
export function readRelease(text: string): ReleaseCheck {
  if (text.trim() === '') return { kind: 'empty' }
  const outer = toObject(text)
  if (!outer) return { kind: 'not-json' }
  const manifest = toObject(textOf(outer['manifest']) ?? '') ?? {}
  const fwVersion = textOf(manifest['version']) ?? textOf(outer['fwVersion'])
  if (fwVersion === undefined) return { kind: 'not-release' }
  if (textOf(outer['signature']) === undefined) return { kind: 'unsigned' }
  const fwPackageUri = textOf(outer['fwPackageUri']) ?? textOf(manifest['packageUri'])
  const expiresAt = textOf(manifest['expiresAt'])
  return {
    kind: 'release',
    release: { fwVersion, fwPackageUri, hardware: texts(manifest['hardware']), expiresAt, isSigned: true },
  }
}

/** What Azure's own tutorial and every careful device take: https, and nobody's password in it. */
export function isPackageAddress(text: string): boolean {
  const address = URL.parse(text.trim())
  return address?.protocol === 'https:' && address.username === '' && address.password === ''
}

function toObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
