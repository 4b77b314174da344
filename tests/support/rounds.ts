/** Whether the whole of the long tests is wanted: `npm test -- --long`, as CI runs them. */
export const isLongRun = process.env['DROVER_LONG_TESTS'] === '1'

/** How often a test repeats what it does: a few times each day, and as often as it takes to be sure in a long run. */
export function rounds(daily: number, long: number): number {
  return isLongRun ? long : daily
}
