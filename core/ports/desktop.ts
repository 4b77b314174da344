/** What only a desktop can do. */
export interface Desktop {
  copyText(text: string): void | Promise<void>
}
