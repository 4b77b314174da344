import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { parseConnectionString } from './connection-string.ts'

const key = Buffer.from('a key of a policy, thirty-two by').toString('base64')
const good = `HostName=contoso.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=${key}`

function problemOf(text: string): AppError {
  try {
    parseConnectionString(text)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('It was accepted.')
}

describe('a good connection string', () => {
  test('is read as the portal gives it', () => {
    expect(parseConnectionString(good)).toEqual({
      hostName: 'contoso.azure-devices.net',
      policyName: 'service',
      sharedAccessKey: key,
      gateway: undefined,
    })
  })

  test('may be quoted, surrounded by space, end with a semicolon and come in any order', () => {
    const [host, name, secret] = good.split(';')
    expect(parseConnectionString(`  "${secret};${name};${host};"\n`)).toEqual(parseConnectionString(good))
  })

  test('may name a gateway with a port, for a private endpoint or a hub on this machine', () => {
    expect(parseConnectionString(`${good};GatewayHostName=localhost:8443`).gateway).toEqual({
      host: 'localhost',
      port: 8443,
    })
    expect(parseConnectionString(`${good};GatewayHostName=10.0.0.5`).gateway).toEqual({
      host: '10.0.0.5',
      port: 443,
    })
  })

  test('may be of any cloud', () => {
    expect(parseConnectionString(good.replace('.net', '.cn')).hostName).toBe('contoso.azure-devices.cn')
  })
})

describe('a wrong connection string', () => {
  test.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['hello', 'no name'],
    [good.replace('HostName=', 'Hostname='), '"Hostname" is not a part'],
    [good.replace('HostName=contoso.azure-devices.net;', ''), '"HostName" is missing'],
    [good.replace('service', ''), '"SharedAccessKeyName" is empty'],
    [`HostName=contoso.azure-devices.net;SharedAccessKeyName=service`, '"SharedAccessKey" is missing'],
    [good.replace(key, key.slice(0, -3)), '"SharedAccessKey" is not a whole key'],
    [good.replace(key, 'not base64!'), '"SharedAccessKey" is not a whole key'],
    [good.replace('contoso.azure-devices.net', 'contoso'), '"HostName" is not a host name'],
    [
      good.replace('contoso.azure-devices.net', 'https://contoso.azure-devices.net'),
      '"HostName" is not a host name',
    ],
    [`${good};HostName=other.azure-devices.net`, '"HostName" is there twice'],
    [`${good};GatewayHostName=localhost:99999`, '"GatewayHostName"'],
    [good.replace('SharedAccessKeyName=service', 'DeviceId=pump-1'), 'one device'],
    ['Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b=', 'Event Hubs'],
    ['DefaultEndpointsProtocol=https;AccountName=x;AccountKey=b=', 'storage'],
    ['HostName=a.b.c;SharedAccessSignature=SharedAccessSignature sr=x', 'signature expires'],
  ])('%j names the wrong part', (text, words) => {
    const problem = problemOf(text)
    expect(problem).toMatchObject({ code: 'invalid-input', field: 'connectionString' })
    expect(problem.message).toContain(words)
    expect(problem.nextStep).toBeTruthy()
  })

  test('never comes back with its key in the message, however it was mangled', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.constantFrom('', ';', '=', ' ', '"', '\n'), (at, piece) => {
        const mangled = good.slice(0, at) + piece + good.slice(at + 1)
        try {
          parseConnectionString(mangled)
        } catch (error) {
          const { message, nextStep } = error as AppError
          const shown = `${message} ${nextStep ?? ''}`
          for (let i = 0; i + 12 <= key.length; i += 1) expect(shown).not.toContain(key.slice(i, i + 12))
        }
      }),
    )
  })
})
