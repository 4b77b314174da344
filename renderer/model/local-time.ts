/** What a `datetime-local` field shows for an instant: the wall clock of this machine, to the minute. */
export function toLocalField(instant: string): string {
  const time = new Date(instant)
  if (Number.isNaN(time.getTime())) return ''
  const date = `${pad(time.getFullYear(), 4)}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`
  return `${date}T${pad(time.getHours())}:${pad(time.getMinutes())}`
}

/** The instant that a `datetime-local` field means; undefined while it is empty or half typed. */
export function fromLocalField(text: string): string | undefined {
  const time = new Date(text)
  return !/T\d\d:\d\d/.test(text) || Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

/** A full hour so many hours from now. */
export function hoursFrom(nowMs: number, hours: number): string {
  const time = new Date(nowMs + hours * 3_600_000)
  time.setMinutes(0, 0, 0)
  return time.toISOString()
}

/** Whether the name is a time zone that this machine's Intl knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0')
}
