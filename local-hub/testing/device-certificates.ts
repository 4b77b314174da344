import 'reflect-metadata'
import { X509Certificate, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** Both PEM, as SDKs take them. */
export interface DeviceCertificate {
  readonly cert: string
  readonly key: string
  /** SHA-1, hexadecimal. */
  readonly thumbprint: string
  /** SHA-256, hexadecimal. */
  readonly thumbprint256: string
}

export interface TestAuthority {
  /** PEM. */
  readonly cert: string
  issue(commonName: string, options?: CertificateOptions): Promise<DeviceCertificate>
}

export interface CertificateOptions {
  /** Milliseconds since the epoch. */
  readonly validTo?: number
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const longAgo = new Date('2000-01-01')
const farAway = Date.parse('2040-01-01')

/** A certificate that vouches for itself; a device has one common name, a stranger any number. */
export async function selfSigned(
  commonNames: string | readonly string[],
  { validTo = farAway }: CertificateOptions = {},
): Promise<DeviceCertificate> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [commonNames].flat().map((name) => ({ CN: [name] })),
    notBefore: longAgo,
    notAfter: new Date(validTo),
    keys,
    signingAlgorithm: algorithm,
  })
  return deviceCertificate(certificate, keys)
}

/** An authority for devices. */
export async function newAuthority(name: string): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await newKeys()
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: longAgo,
    notAfter: new Date(farAway),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  return {
    cert: authority.toString('pem'),
    async issue(commonName, { validTo = farAway } = {}) {
      const leafKeys = await newKeys()
      const leaf = await x509.X509CertificateGenerator.create({
        subject: [{ CN: [commonName] }],
        issuer: authority.subject,
        notBefore: longAgo,
        notAfter: new Date(validTo),
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      })
      return deviceCertificate(leaf, leafKeys)
    },
  }
}

async function deviceCertificate(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<DeviceCertificate> {
  const cert = certificate.toString('pem')
  const { fingerprint, fingerprint256 } = new X509Certificate(cert)
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    cert,
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    thumbprint: fingerprint.replaceAll(':', ''),
    thumbprint256: fingerprint256.replaceAll(':', ''),
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}
