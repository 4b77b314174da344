import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** Everything PEM. The key of the authority is forgotten as soon as the leaf is signed. */
export interface HubCertificate {
  readonly authority: string
  readonly certificate: string
  readonly privateKey: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const dayMs = 24 * 60 * 60 * 1000

/** A fresh authority and a leaf for the hub's name and for loopback. */
export async function createHubCertificate(hostName: string): Promise<HubCertificate> {
  x509.cryptoProvider.set(webcrypto)
  const authorityKeys = await newKeys()
  const leafKeys = await newKeys()
  const authority = await createAuthority(authorityKeys)
  const leaf = await x509.X509CertificateGenerator.create({
    ...validity(),
    subject: `CN=${hostName}`,
    issuer: authority.subject,
    publicKey: leafKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      // The authorities of two hubs have one name; by its key a client that trusts both finds the right one.
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: hostName },
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  })
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey)
  return {
    authority: authority.toString('pem'),
    certificate: leaf.toString('pem'),
    privateKey: x509.PemConverter.encode(privateKey, 'PRIVATE KEY'),
  }
}

async function createAuthority(keys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=Drover local hub, O=This computer only',
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/** From yesterday, because clocks differ, for two years. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - dayMs), notAfter: new Date(now + 730 * dayMs) }
}
