import { expect, test } from 'vitest'
import { checkHostName } from './host-name.ts'

test.each([
  'drover-local.azure-devices.local',
  'a.b',
  'My-Hub.Example',
  'azure-devices.net.local',
  'notazure-devices.net',
])('accepts %s', (name) => {
  expect(checkHostName(name)).toBe(name.toLowerCase())
})

test.each([
  'contoso.azure-devices.net',
  'X.AZURE-DEVICES.CN',
  'a.azure-devices.us',
  'azure-devices.net',
  'x.servicebus.windows.net',
  'a.azure.com',
  'x.servicebus.chinacloudapi.cn',
  'x.servicebus.usgovcloudapi.net',
  'x.servicebus.cloudapi.de',
  'y.azure.us',
])('refuses %s, which could be a real hub', (name) => {
  expect(() => checkHostName(name)).toThrow(/belongs to Azure/)
})

test.each([
  '',
  'localhost',
  'a..b',
  '-a.b',
  'a b.c',
  'a.b/c',
  'a.b:1',
  `${'a'.repeat(64)}.b`,
  'a.b;SharedAccessKey=x',
])('refuses %j, which is no host name', (name) => {
  expect(() => checkHostName(name)).toThrow(RangeError)
})
