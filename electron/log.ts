import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Log, LogFields } from '../core/ports/log.ts'

export interface LogOptions {
  /** Where the log file lives; it is made when it is missing. */
  readonly folder: string
  readonly now: () => Date
  readonly print: (line: string) => void
}

/** A log this long is set aside at the next start, in place of the one before it. Bytes. */
const longestFile = 5 * 1024 * 1024

/** Writes JSON lines to `drover.log`, and to the terminal. Each line is on disk before the call returns: the next may be a crash. */
export function createLog({ folder, now, print }: LogOptions): Log {
  const file = prepareFile(folder)

  function write(level: string, event: string, fields: LogFields): void {
    const line = redact(JSON.stringify({ at: now().toISOString(), level, event, ...fields }))
    print(line)
    try {
      appendFileSync(file, `${line}\n`)
    } catch (error) {
      // A full disk must not end the app; the terminal is all that is left to say so.
      print(JSON.stringify({ level: 'bug', event: 'log-not-written', ...describe(error) }))
    }
  }

  return {
    info: (event, fields = {}) => write('info', event, fields),
    warn: (event, fields = {}) => write('warn', event, fields),
    bug: (event, error) => write('bug', event, describe(error)),
  }
}

/** Takes the values of keys, signatures and tokens out of a text. */
export function redact(text: string): string {
  return text
    .replaceAll(
      /(SharedAccessKey|SharedAccessSignature|sig)(["'\\]*\s*[=:]\s*["'\\]*)[^;&\s"'\\,}]+/gi,
      '$1$2[redacted]',
    )
    .replaceAll(/SharedAccessSignature\s+sr=[^\s"'\\,}]+/gi, 'SharedAccessSignature [redacted]')
    .replaceAll(/\bBearer\s+[\w.~+/-]+=*/gi, 'Bearer [redacted]')
}

/** Of an error only its name, message and stack: the Azure SDK hangs the request, with its credential, on the errors it throws. */
function describe(error: unknown): LogFields {
  if (typeof error === 'string') return { message: error }
  if (!(error instanceof Error)) return { message: `A ${typeof error} that is no Error was thrown.` }
  const { name, message, stack, cause } = error
  return {
    name,
    message,
    stack,
    cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined,
  }
}

function prepareFile(folder: string): string {
  const file = path.join(folder, 'drover.log')
  mkdirSync(folder, { recursive: true })
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > longestFile) renameSync(file, path.join(folder, 'drover.previous.log'))
  return file
}
