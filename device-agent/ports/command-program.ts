import type { Json } from '../domain/agent-state.ts'

/** A program of the device's owner that is a direct method. */
export interface CommandProgram {
  /** The name of the method. */
  readonly name: string
  /** Runs it to its end. Resolves also when it fails; rejects never. */
  run(call: CommandCall): Promise<CommandResult>
}

export interface CommandCall {
  readonly input: Json
  readonly actionId: string | undefined
  readonly timeoutMs: number
  /** Ends the program. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: Json) => void
}

/** What it answered, which failed programs do too; absent where that was no JSON. */
export type CommandResult =
  | { readonly kind: 'done'; readonly output?: Json }
  | { readonly kind: 'failed' | 'timed-out'; readonly reason: string; readonly output?: Json }
