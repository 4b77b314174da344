import type { NotificationConstructorOptions } from 'electron'
import { Events } from '../events.ts'
import { strictly } from '../strict.ts'

const events = ['click', 'close', 'failed', 'show'] as const

/** A note in the terminal, which nobody can click: Chromium shows notes for its own pages only. */
class Note {
  readonly #events = new Events('Notification', events)
  readonly on = this.#events.on
  readonly once = this.#events.once
  readonly #line: string

  constructor({ title = '', body = '' }: NotificationConstructorOptions) {
    this.#line = `Notification: ${title}: ${body}\n`
  }

  show(): void {
    process.stderr.write(this.#line)
    this.#events.emit('show', {})
  }
}

export function LookAlikeNotification(options: NotificationConstructorOptions): Note {
  return strictly('Notification', new Note(options))
}

LookAlikeNotification.isSupported = (): boolean => true
