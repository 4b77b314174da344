import { expect, test } from 'vitest'
import { newAuthority, selfSigned } from '../testing/device-certificates.ts'
import { checkDeviceAuthorities } from './tls-options.ts'

test('each certificate of a file is an authority of its own', async () => {
  const [a, b] = [await newAuthority('a'), await newAuthority('b')]
  expect(checkDeviceAuthorities([`Bag attributes\n${a.cert}\n${b.cert}`, a.cert])).toEqual(
    [a.cert, b.cert, a.cert].map((pem) => pem.trim()),
  )
})

test('a certificate of a device is no authority', async () => {
  const { cert } = await selfSigned('device')
  expect(() => checkDeviceAuthorities([cert])).toThrow(/CA:TRUE/)
})

test.each(['', 'certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  '%j is refused',
  (text) => {
    expect(() => checkDeviceAuthorities([text])).toThrow(RangeError)
  },
)
