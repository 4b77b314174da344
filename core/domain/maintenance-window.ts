import type { MaintenanceWindow } from '../../contract/app/policy.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

/** Whether the window is open, and until when that stays so. Milliseconds. */
export interface Opening {
  readonly isOpen: boolean
  readonly until: number
}

/** Whether `name` is a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    // A RangeError is how Intl says "no such zone".
    return false
  }
}

/**
 * The maintenance window on the wall clocks of one time zone. What of it lies in the hour that clocks leave out does
 * not open on that day; in the hour that comes twice it opens the first time.
 */
export class WindowOfZone {
  readonly #window: MaintenanceWindow
  readonly #format: Intl.DateTimeFormat
  #known: (Opening & { readonly since: number }) | undefined

  /** Throws `RangeError` for a zone that does not exist. */
  constructor(window: MaintenanceWindow, timeZone: string) {
    this.#window = window
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
  }

  at(now: number): Opening {
    const known = this.#known
    if (known && now >= known.since && now < known.until) return known
    const isOpen = this.#isOpenAt(now)
    const fresh = { isOpen, since: now, until: this.#changeAfter(now, isOpen) }
    this.#known = fresh
    return fresh
  }

  /** When the window opens or closes next; one that never does is looked at again after a week. */
  #changeAfter(now: number, isOpen: boolean): number {
    const end = now + 8 * dayMs
    let at = Math.floor(now / minuteMs) * minuteMs
    while (at < end) {
      const next = at + this.#minutesToBoundary(at) * minuteMs
      if (this.#isOpenAt(next) !== isOpen) return this.#firstChange({ from: at, to: next }, isOpen)
      at = next
    }
    return end
  }

  /** To the next beginning, end or midnight, if no clock is changed before. */
  #minutesToBoundary(at: number): number {
    const { minute } = this.#wallClock(at)
    const boundaries = [minutesOf(this.#window.from), minutesOf(this.#window.to), 0]
    return Math.min(...boundaries.map((boundary) => (boundary - minute + 1440) % 1440 || 1440))
  }

  /** Only where clocks were changed on the way is the change before the boundary itself. */
  #firstChange({ from, to }: { readonly from: number; readonly to: number }, isOpen: boolean): number {
    if (this.#isOpenAt(to - minuteMs) === isOpen) return to
    let minute = from + minuteMs
    while (this.#isOpenAt(minute) === isOpen) minute += minuteMs
    return minute
  }

  #isOpenAt(now: number): boolean {
    const { from, to, days } = this.#window
    const { day, minute } = this.#wallClock(now)
    const [start, end] = [minutesOf(from), minutesOf(to)]
    if (start < end) return minute >= start && minute < end && days.includes(day)
    // The part after midnight belongs to the day on which the window opened.
    if (minute >= start) return days.includes(day)
    return minute < end && days.includes((day + 6) % 7)
  }

  #wallClock(now: number): { readonly day: number; readonly minute: number } {
    const parts = this.#format.formatToParts(now)
    const part = (type: Intl.DateTimeFormatPartTypes): string =>
      parts.find((one) => one.type === type)?.value ?? ''
    return {
      day: weekdays.indexOf(part('weekday')),
      minute: Number(part('hour')) * 60 + Number(part('minute')),
    }
  }
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}
