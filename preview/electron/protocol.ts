import type { CustomScheme, Protocol } from 'electron'
import type { DevToolsSession } from '../devtools/devtools.ts'
import { toAppUrl } from './page-url.ts'
import type { Part } from './part.ts'

type Handler = Parameters<Protocol['handle']>[1]
type HeaderEntry = { name: string; value: string }

export interface PausedRequest {
  readonly requestId: string
  readonly request: { readonly url: string; readonly method: string; readonly headers: object }
}

/** Schemes of the app's own, answered by the main process. */
export class LookAlikeProtocol implements Part<Protocol, 'handle' | 'registerSchemesAsPrivileged'> {
  readonly #handlers = new Map<string, Handler>()

  /** The page's origin is https, which has these privileges; a scheme that must not have them cannot be shown. */
  readonly registerSchemesAsPrivileged = (schemes: CustomScheme[]): void => {
    for (const { scheme, privileges } of schemes) {
      if (!privileges?.standard || !privileges.secure) {
        throw new Error(`The Electron look-alike shows ${scheme}: only as a standard and secure scheme.`)
      }
    }
  }

  readonly handle = (scheme: string, handler: Handler): void => {
    this.#handlers.set(`${scheme}:`, handler)
  }

  /** Answers a request that Chromium has paused. Whatever is not of one of the app's schemes is refused. */
  async answer(session: DevToolsSession, { requestId, request }: PausedRequest): Promise<void> {
    const url = toAppUrl(request.url)
    const handler = this.#handlers.get(new URL(url).protocol)
    if (!handler) {
      await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
      return
    }
    const response = await handler(
      new Request(url, { method: request.method, headers: Object.entries(request.headers) }),
    )
    await session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: headerEntries(response),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    })
  }
}

function headerEntries(response: Response): HeaderEntry[] {
  return [...response.headers].map(([name, value]) => ({ name, value }))
}
