/** Keeps the user's own mapping file, as it was written. */
export interface MappingStore {
  /** Undefined when there is none. */
  load(): Promise<string | undefined>
  /** Resolves once it is on the disk; a crash leaves the old one or the new. */
  save(text: string): Promise<void>
}
