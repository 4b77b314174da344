import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createHubCertificate } from './certificates.ts'

test('the leaf is signed by the authority, for the hub and for loopback only, and both are fresh for each hub', async () => {
  const [one, two] = await Promise.all([
    createHubCertificate('one.example'),
    createHubCertificate('two.example'),
  ])
  const authority = new X509Certificate(one.authority)
  const leaf = new X509Certificate(one.certificate)
  expect(leaf.verify(authority.publicKey)).toBe(true)
  expect(leaf.subjectAltName).toBe('DNS:one.example, DNS:localhost, IP Address:127.0.0.1')
  expect([authority.ca, leaf.ca]).toEqual([true, false])
  expect([leaf.checkHost('one.example'), leaf.checkHost('two.example')]).toEqual(['one.example', undefined])
  expect(leaf.verify(new X509Certificate(two.authority).publicKey)).toBe(false)
  expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThan(825 * 24 * 3600 * 1000)
  expect(one.privateKey).toContain('BEGIN PRIVATE KEY')
})
