/** How long a person may let a device take to prove its reboot, in milliseconds. */
export const rebootDeadlinesMs = [15_000, 60_000, 300_000, 900_000, 3_600_000] as const

export const usualRebootDeadlineMs = 300_000
