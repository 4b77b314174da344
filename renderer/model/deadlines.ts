/** How long a person may let a device take to prove each kind of action, in milliseconds. */
export const deadlinesMs = {
  reboot: [15_000, 60_000, 300_000, 900_000, 3_600_000],
  factoryReset: [60_000, 300_000, 900_000, 3_600_000, 86_400_000],
  firmwareUpdate: [300_000, 900_000, 3_600_000, 21_600_000, 86_400_000],
} as const

export const usualDeadlineMs = { reboot: 300_000, factoryReset: 900_000, firmwareUpdate: 3_600_000 } as const

/** The hub answers a patch at once; what has no answer by then is looked up in the twin. */
export const patchDeadlineMs = 60_000
