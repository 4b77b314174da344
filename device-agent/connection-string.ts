const wanted = ['HostName', 'DeviceId', 'SharedAccessKey'] as const

/** Says which part of a device's connection string is missing; undefined when none is. Never quotes a value. */
export function problemOfConnectionString(text: string): string | undefined {
  const names = new Set(
    text.split(';').flatMap((part) => {
      const [name = '', ...value] = part.split('=')
      return value.join('=').trim() === '' ? [] : [name.trim()]
    }),
  )
  const missing = wanted.filter((name) => !names.has(name))
  if (missing.length === 0) return undefined
  const isOfHub = names.has('SharedAccessKeyName')
  const hint = isOfHub ? '; this is the connection string of a hub, and a device needs its own' : ''
  return `the connection string has no ${missing.join(', ')}${hint}`
}
