import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../core/ports/log.ts'
import { createLog, redact } from './log.ts'

let folder: string
let printed: string[]
let log: Log

function open(): Log {
  return createLog({ folder, now: () => new Date(0), print: (line) => void printed.push(line) })
}

function lines(): unknown[] {
  const text = readFileSync(path.join(folder, 'drover.log'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'drover-log-'))
  printed = []
  log = open()
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('each event is one JSON line, in the file and on the terminal', () => {
  log.info('started', { version: '1.0.0' })
  log.warn('late', { afterMs: 12 })
  const at = '1970-01-01T00:00:00.000Z'
  expect(lines()).toEqual([
    { at, level: 'info', event: 'started', version: '1.0.0' },
    { at, level: 'warn', event: 'late', afterMs: 12 },
  ])
  expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual(lines())
})

test('of an error only name, message, stack and the message of its cause are kept', () => {
  const request = { authorization: 'SharedAccessSignature sr=a&sig=VerySecret&se=1' }
  const error = Object.assign(new TypeError('broken', { cause: new Error('below') }), {
    response: { req: request },
  })
  log.bug('request-failed', error)
  const [line] = lines() as [Record<string, string>]
  expect(line).toMatchObject({ level: 'bug', name: 'TypeError', message: 'broken', cause: 'Error: below' })
  expect(line['stack']).toContain('log.test.ts')
  expect(JSON.stringify(line)).not.toContain('VerySecret')
})

test('what is thrown and is no error is not shown whole', () => {
  log.bug('request-failed', { authorization: 'Bearer abc' })
  log.bug('request-failed', 'a plain text')
  expect(lines()).toMatchObject([
    { message: 'A object that is no Error was thrown.' },
    { message: 'a plain text' },
  ])
})

describe('a secret in a text is taken out', () => {
  const secret = 'c2VjcmV0K2tleS93aXRoPT0='
  test.each([
    `HostName=h.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=${secret}`,
    `SharedAccessSignature sr=h%2Fdevices&sig=${encodeURIComponent(secret)}&se=1&skn=service`,
    `https://h/devices?sig=${encodeURIComponent(secret)}&se=1`,
    `{"SharedAccessKey": "${secret}"}`,
    `sharedaccesskey=${secret}`,
    `Authorization: Bearer ${secret}`,
  ])('%s', (text) => {
    const clean = redact(text)
    expect(clean).not.toContain(secret)
    expect(clean).not.toContain(encodeURIComponent(secret))
    expect(clean).toContain('[redacted]')
  })

  test('in the message of an error, too, and what is beside it stays', () => {
    log.bug('request-failed', new Error(`no answer for HostName=h;SharedAccessKey=${secret};x=1`))
    expect(JSON.stringify(lines())).not.toContain(secret)
    expect(JSON.stringify(lines())).toContain('HostName=h')
  })

  test('and the line is JSON still', () => {
    log.info('x', { text: `SharedAccessKey=${secret}"}` })
    expect(lines()).toHaveLength(1)
  })
})

test('a text that is not a secret is left as it is', () => {
  const text = 'device pump-0001 answered 200 with signal=3 and key=4'
  expect(redact(text)).toBe(text)
})

test('a long log is set aside at the next start', () => {
  const file = path.join(folder, 'drover.log')
  writeFileSync(file, 'old\n')
  truncateSync(file, 6 * 1024 * 1024)
  open().info('started')
  expect(lines()).toHaveLength(1)
  expect(statSync(path.join(folder, 'drover.previous.log')).size).toBe(6 * 1024 * 1024)
})

test('a log that cannot be written does not end the app', () => {
  rmSync(folder, { recursive: true })
  expect(() => log.info('started')).not.toThrow()
  expect(printed.at(-1)).toContain('log-not-written')
})
