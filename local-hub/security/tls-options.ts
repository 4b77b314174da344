import { X509Certificate } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import type { HubCertificate } from './certificates.ts'

export interface ServerIdentity {
  readonly certificate: HubCertificate
  /** PEM of the authorities whose device certificates are trusted. */
  readonly deviceAuthorities: readonly string[]
}

/** A client may show a certificate; whether it lets anybody in is decided where the device says who it is. */
export function tlsOptionsOf({ certificate, deviceAuthorities }: ServerIdentity): TlsOptions {
  return {
    key: certificate.privateKey,
    cert: certificate.certificate,
    requestCert: true,
    rejectUnauthorized: false,
    // Never the authorities that browsers trust: an empty list is no authority at all.
    ca: [...deviceAuthorities],
  }
}

/** The certificates of PEM texts, one each; throws RangeError for what is not a certificate of an authority. */
export function checkDeviceAuthorities(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    if (found.length === 0) throw new RangeError('A device CA should be a certificate in PEM.')
    return found.map(checkAuthority)
  })
}

function checkAuthority(pem: string): string {
  try {
    if (new X509Certificate(pem).ca) return pem
  } catch (cause) {
    throw new RangeError('A device CA is not a valid certificate.', { cause })
  }
  throw new RangeError('A device CA should be a certificate of an authority (CA:TRUE), not of a device.')
}
