import { expect, test } from 'vitest'
import { jsonLog, redact } from './json-log.ts'

test('an event is one line of JSON, whatever it holds', () => {
  const lines: string[] = []
  const log = jsonLog((line) => void lines.push(line), { device: 'pump' })
  log('answered', { status: 202, cause: 'two\nlines and a "quote"' })
  expect(lines).toHaveLength(1)
  expect(lines[0]?.endsWith('}\n')).toBe(true)
  expect(lines[0]?.split('\n')).toHaveLength(2)
  const { at, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  expect(rest).toEqual({ event: 'answered', device: 'pump', status: 202, cause: 'two\nlines and a "quote"' })
  expect(Date.parse(String(at))).not.toBeNaN()
})

test.each([
  'HostName=h;DeviceId=d;SharedAccessKey=TOPSECRET+/=',
  'refused: SharedAccessSignature sr=h%2Fdevices%2Fd&sig=TOPSECRET%3D&se=1',
  'https://h/?a=1&sig=TOPSECRET&se=2',
  'sharedaccesskey=TOPSECRET;HostName=h',
])('a secret in a text never leaves: %s', (text) => {
  const lines: string[] = []
  jsonLog((line) => void lines.push(line))('disconnected', { cause: text })
  expect(lines[0]).not.toContain('TOPSECRET')
  expect(() => JSON.parse(lines[0] ?? '') as unknown).not.toThrow()
})

test('what is no secret stays readable', () => {
  expect(redact('HostName=h;DeviceId=d;SharedAccessKey=x;GatewayHostName=g')).toBe(
    'HostName=h;DeviceId=d;SharedAccessKey=***;GatewayHostName=g',
  )
})
