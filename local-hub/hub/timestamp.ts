/** IoT Hub writes seven digits of fraction, and the year 1 for "never". */
export function formatTimestamp(time: number | undefined): string {
  return time === undefined ? '0001-01-01T00:00:00Z' : new Date(time).toISOString().replace('Z', '0000Z')
}
