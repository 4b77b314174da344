/** The few things that durable writing asks of a file system, one at a time, so that a test can cut the power between. */
export interface Files {
  /** Undefined when the file is not there. */
  read(path: string): Promise<string | undefined>
  /** Makes or empties a file that only its owner can write. */
  create(path: string): Promise<OpenFile>
  /** Replaces what was at `to`. */
  rename(from: string, to: string): Promise<void>
  makeFolder(path: string): Promise<void>
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>
}

export interface OpenFile {
  write(text: string): Promise<void>
  /** Makes what was written durable. */
  sync(): Promise<void>
  close(): Promise<void>
}
