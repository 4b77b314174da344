/** Runs a program of the system without a shell. Resolves with what it printed; rejects when it is missing or fails. */
export type RunCommand = (program: string, parameters: readonly string[]) => Promise<string>
