/** How long a device may take to answer a direct method, in milliseconds: what the hub allows is 5 to 300 seconds. */
export const methodTimeoutsMs = [10_000, 30_000, 60_000, 300_000] as const

export const usualMethodTimeoutMs = 30_000
