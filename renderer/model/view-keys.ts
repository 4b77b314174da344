/** The views in the order of the rail, with the key that shows each together with Ctrl, or Cmd on a Mac. */
export const viewKeys = [
  ['fleet', '1'],
  ['activity', '2'],
  ['journal', '3'],
] as const
export type View = (typeof viewKeys)[number][0]
