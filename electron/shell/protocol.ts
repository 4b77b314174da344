import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isAppUrl } from '../origin.ts'

/**
 * Nothing but our own files, no network, no inline code. Vue is the one that makes trusted HTML, for its own static markup.
 * https://github.com/electron/electron/blob/main/docs/tutorial/security.md#7-define-a-content-security-policy
 */
const contentSecurityPolicy = [
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
].join('; ')

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
}

/** What the window may load. A file of any other kind is not served. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Names that the build makes: no percent, no backslash, no empty part, none that begins with a dot. */
const plainPath = /^(?:\/\w[\w.-]*)+$/

/** Answers requests for the app's own pages from one folder, and from nowhere else. */
export function servePages(folder: string): (request: Request) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET') return refusal(405)
    const asset = findAsset(url)
    if (asset === undefined) return refusal(404)
    try {
      const body = await readFile(path.join(folder, asset.name))
      return new Response(body, { headers: { ...headers, 'content-type': asset.contentType } })
    } catch (error) {
      if (isMissing(error)) return refusal(404)
      throw error
    }
  }
}

interface Asset {
  /** Relative to the folder. */
  readonly name: string
  readonly contentType: string
}

/** Which file a URL names, or undefined when it is none that may be served. */
export function findAsset(url: string): Asset | undefined {
  if (!isAppUrl(url)) return undefined
  const { pathname } = new URL(url)
  const name = pathname === '/' || pathname === '' ? '/index.html' : pathname
  const extension = path.posix.extname(name)
  if (!plainPath.test(name) || !Object.hasOwn(contentTypes, extension)) return undefined
  return { name: name.slice(1), contentType: contentTypes[extension] ?? '' }
}

/** With a body, because Chromium shows a page of its own in place of an empty answer. */
function refusal(status: number): Response {
  return new Response('There is nothing here.', {
    status,
    headers: { ...headers, 'content-type': 'text/plain' },
  })
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(error.code))
  )
}
