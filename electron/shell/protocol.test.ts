import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findAsset, servePages } from './protocol.ts'

let folder: string
let serve: (request: Request) => Promise<Response>

function get(url: string, method = 'GET'): Promise<Response> {
  return serve(new Request(url, { method }))
}

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'drover-pages-'))
  const pages = path.join(folder, 'renderer')
  mkdirSync(path.join(pages, 'assets'), { recursive: true })
  mkdirSync(path.join(pages, 'folder.js'))
  writeFileSync(path.join(pages, 'index.html'), '<!doctype html>')
  writeFileSync(path.join(pages, 'assets/index-B_x.9.js'), 'export {}')
  writeFileSync(path.join(pages, '.secret.js'), 'secret')
  writeFileSync(path.join(pages, 'notes.txt'), 'secret')
  writeFileSync(path.join(folder, 'main.js'), 'secret')
  serve = servePages(pages)
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the app gets its own files', () => {
  test.each([
    ['app://drover/', 'text/html; charset=utf-8', '<!doctype html>'],
    ['app://drover/index.html', 'text/html; charset=utf-8', '<!doctype html>'],
    ['app://drover/index.html?reloaded#top', 'text/html; charset=utf-8', '<!doctype html>'],
    ['app://drover/assets/index-B_x.9.js', 'text/javascript; charset=utf-8', 'export {}'],
  ])('%s', async (url, contentType, body) => {
    const response = await get(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(contentType)
    expect(await response.text()).toBe(body)
  })

  test('with a policy that allows no inline code, no network and no frames, and no guessing of types', async () => {
    const { headers } = await get('app://drover/')
    const policy = headers.get('content-security-policy')?.split('; ')
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "img-src 'self' data:",
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types vue',
    ])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a refusal carries the policy, too', async () => {
    const response = await get('app://drover/none.js')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })
})

describe('nothing else is served', () => {
  test.each([
    'app://drover/missing.js',
    'app://drover/folder.js',
    'app://drover/assets',
    'app://drover/notes.txt',
    'app://drover/.secret.js',
    'app://drover/assets/../.secret.js',
    'app://drover//index.html',
    'app://drover/index.html/',
    'app://drover.evil.example/index.html',
    'app://evil/index.html',
    'app://user@drover/index.html',
    'app://drover:80/index.html',
    'https://drover/index.html',
    'file:///index.html',
  ])('%s', async (url) => {
    expect(findAsset(url) === undefined || (await get(url)).status === 404).toBe(true)
  })

  test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])('%s', async (method) => {
    expect((await get('app://drover/index.html', method)).status).toBe(405)
  })

  test('no way of writing "the folder above" leaves the folder', () => {
    const dots = [
      '..',
      '%2e%2e',
      '%2E.',
      '.%2e',
      '%252e%252e',
      '..;',
      '%c0%ae%c0%ae',
      '\u2025',
      '...',
      '....',
    ]
    const separators = ['/', '\\', '%2f', '%2F', '%5c', '%5C', '//', '%252f', '%00/', '\u2215']
    const starts = [
      '',
      'assets/',
      'assets/../',
      '/',
      './',
      'C:',
      '//server/share/',
      '~/',
      '%00',
      'index.html/',
    ]
    const urls = dots.flatMap((dot) =>
      separators.flatMap((separator) =>
        starts.map((start) => `app://drover/${start}${dot}${separator}main.js`),
      ),
    )
    const found = urls.map(findAsset).filter((asset) => asset !== undefined)
    expect(urls).toHaveLength(1000)
    // The URL parser itself resolves plain dots, and then it is a name inside the folder.
    for (const { name } of found)
      expect(['main.js', 'assets/main.js', 'server/share/main.js']).toContain(name)
  })
})
