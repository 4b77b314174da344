/** The only names that cross between the preload script and the main process. Each carries a port id first. */
export const channels = {
  /** page -> main: a new port. */
  open: 'drover:open',
  /** page -> main: one message, as JSON text. */
  send: 'drover:send',
  /** main -> page: one message, as JSON text. */
  receive: 'drover:receive',
  /** main -> page: nothing more will come. */
  closed: 'drover:closed',
} as const
