import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { DeviceRecord, Thumbprints } from '../hub/device-record.ts'

/** The certificate that a client has proved to have the key of. */
export interface ClientCertificate {
  /** Hexadecimal, in upper case, without colons. */
  readonly thumbprints: readonly string[]
  /** The common name of the subject. */
  readonly commonName: string | undefined
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
  /** Whether an authority that the hub trusts has signed it. */
  readonly isTrusted: boolean
}

/** `undefined` when the client showed none, or one that cannot be read. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  try {
    const certificate = socket.getPeerX509Certificate()
    return certificate && describe(certificate, socket.authorized)
  } catch {
    // What a stranger made up lets nobody in, and ends no process either.
    return undefined
  }
}

function describe(certificate: X509Certificate, isTrusted: boolean): ClientCertificate {
  return {
    thumbprints: [certificate.fingerprint, certificate.fingerprint256].map(normalThumbprint),
    commonName: commonNameOf(certificate),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    isTrusted,
  }
}

/**
 * A self-signed certificate is known by its thumbprint; one of an authority, by the device id in its common name.
 * https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-x509
 */
export function isCertificateOf(
  { deviceId, credentials }: Pick<DeviceRecord, 'deviceId' | 'credentials'>,
  certificate: ClientCertificate,
  now: number,
): boolean {
  const isValidNow = now >= certificate.validFrom && now <= certificate.validTo
  if (!isValidNow) return false
  switch (credentials.type) {
    case 'sas':
      return false
    case 'selfSigned':
      return hasThumbprint(certificate, credentials.thumbprints)
    case 'certificateAuthority':
      return certificate.isTrusted && certificate.commonName === deviceId
  }
}

/** As it is compared: how a client wrote it does not matter. */
export function normalThumbprint(text: string): string {
  return text.replaceAll(':', '').toUpperCase()
}

function hasThumbprint({ thumbprints }: ClientCertificate, { primary, secondary }: Thumbprints): boolean {
  return [primary, secondary].some(
    (expected) => expected !== undefined && thumbprints.includes(normalThumbprint(expected)),
  )
}

/** Not from `subject`, which is a text with escapes of its own. A subject with two names has none. */
function commonNameOf(certificate: X509Certificate): string | undefined {
  const { subject } = certificate.toLegacyObject() as { readonly subject?: { readonly CN?: unknown } }
  const name = subject?.CN
  return typeof name === 'string' ? name : undefined
}
