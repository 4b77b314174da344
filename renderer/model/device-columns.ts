/** The columns of the device grid, in order, with the width in pixels that they have before anyone drags them. */
export const deviceColumns = [
  { key: 'deviceId', widthPx: 220 },
  { key: 'connection', widthPx: 116 },
  { key: 'status', widthPx: 108 },
  { key: 'lastActivity', widthPx: 140 },
  { key: 'firmware', widthPx: 140 },
  { key: 'lastAction', widthPx: 240 },
] as const

export type DeviceColumn = (typeof deviceColumns)[number]['key']

export const narrowestColumnPx = 72
