import type { Log } from '../ports/log.ts'

/** A last guard: an error text of a library may quote what it was given. */
const secrets = [/(SharedAccessKey=)[^;\s"]+/gi, /(SharedAccessSignature\s+)[^\s"]+/gi, /\b(sig=)[^&\s"]+/gi]

/** One line of JSON per event. `fields` are those that every line carries. */
export function jsonLog(write: (line: string) => void, fields: Readonly<Record<string, string>> = {}): Log {
  return (event, details = {}) => {
    const line = JSON.stringify({ at: new Date().toISOString(), event, ...fields, ...details })
    write(`${redact(line)}\n`)
  }
}

/** Replaces keys and signatures by `***`. */
export function redact(text: string): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '$1***'), text)
}
