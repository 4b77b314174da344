import { inject, type App, type InjectionKey } from 'vue'
import { appApi, type AppApi } from '../../contract/app/api.ts'
import { connect } from '../../contract/rpc/connect.ts'
import type { Client } from '../../contract/rpc/contract.ts'
import type { Port } from '../../contract/rpc/port.ts'

export type AppClient = Client<AppApi>

/** The way to the application, and the moment at which it is lost. */
export interface Link {
  readonly client: AppClient
  readonly lost: Promise<undefined>
}

const linkKey: InjectionKey<Link> = Symbol('link')

/** Speaks the application's contract over the port. */
export function openLink(port: Port): Link {
  const { promise: lost, resolve } = Promise.withResolvers<undefined>()
  const observed: Port = {
    send: (message) => port.send(message),
    onMessage: (listener) => port.onMessage(listener),
    onClose: (listener) => {
      port.onClose(() => {
        listener()
        resolve(undefined)
      })
    },
  }
  return { client: connect(appApi, observed), lost }
}

export function provideLink(app: App, link: Link): void {
  app.provide(linkKey, link)
}

/** For stores only: components ask stores. */
export function useLink(): Link {
  const link = inject(linkKey)
  if (!link) throw new Error('The window has no link to the application.')
  return link
}
