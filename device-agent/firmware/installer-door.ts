import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { sayWord } from '../adapters/privileged-helper.ts'
import { messageOf } from '../message-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { ModuleCall, ModuleResult, ModuleVerb, RunModule } from '../ports/update-module.ts'

/*
 * What is said at the door of the installer. One word comes in: a verb of the update modules. Out come lines: `begun`,
 * any number of `progress PERCENT`, and the result as JSON. Who hears no `begun` has come while another was served,
 * and who hears no result does not know what was done.
 */

const Word = z.enum(['probe', 'install', 'commit', 'rollback'])
const begun = 'begun'

/** Enough for any word, and for any answer. */
const [longestWord, longestLine] = [16, 4_096]

const wordTimeoutMs = 10_000

const Result = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    version: z.string().max(64).optional(),
    needsReboot: z.boolean(),
  }),
  z.object({ kind: z.literal('unavailable'), reason: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
])

export interface Door {
  readonly input: Readable
  readonly output: Writable
}

/** Serves one caller, and goes on when that one has gone: only the end of the work is its end. */
export async function serveDoor(
  { input, output }: Door,
  perform: (verb: ModuleVerb, onProgress: (percent: number) => void) => Promise<ModuleResult>,
): Promise<void> {
  output.on('error', () => undefined)
  const word = Word.safeParse(await firstLine(input))
  if (!word.success) {
    output.end('unknown verb\n')
    return
  }
  output.write(`${begun}\n`)
  const result = await perform(word.data, (percent) => output.write(`progress ${percent}\n`))
  await new Promise<void>((resolve) => {
    output.once('close', resolve)
    output.end(`${JSON.stringify(result)}\n`, resolve)
  })
}

async function firstLine(input: Readable): Promise<string> {
  const late = AbortSignal.timeout(wordTimeoutMs)
  const end = () => input.destroy()
  late.addEventListener('abort', end)
  let text = ''
  try {
    for await (const chunk of input.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      text += String(chunk)
      if (text.includes('\n') || text.length > longestWord) break
    }
  } finally {
    late.removeEventListener('abort', end)
  }
  return text.slice(0, text.indexOf('\n') + 1).trimEnd()
}

export interface InstallerDoor {
  readonly socketPath: string
  readonly clock: Pick<Clock, 'sleep' | 'uptime'>
  readonly log: Log
  /** Longer than a verb may take. */
  readonly timeoutMs: number
}

/** Between two tries to find it free. */
const retryMs = 1_000

/** Has signed firmware installed by root. Nothing of the call but its verb is said: the rest root knows better. */
export function installerDoor({ socketPath, clock, log, timeoutMs }: InstallerDoor): RunModule {
  return async (call, signal) => {
    const until = clock.uptime() + timeoutMs
    for (;;) {
      const answer = new Answer(call)
      const onText = (text: string) => {
        answer.add(text)
      }
      const end = await sayWord({ socketPath, word: call.verb, silenceMs: timeoutMs, signal, onText }).then(
        () => hungUp,
        (error: unknown) => endOf(error),
      )
      signal.throwIfAborted()
      if (answer.isSilent && end.isHangUp && clock.uptime() < until) {
        await clock.sleep(retryMs, signal)
        continue
      }
      const result = answer.result ?? { kind: 'failed', reason: `the installer ${end.reason}` }
      const { module, verb, actionId } = call
      log('module', { module, verb, actionId, by: 'the installer', result: result.kind })
      return result
    }
  }
}

const hungUp = { isHangUp: true, reason: 'hung up' }

/** One that is busy hangs up on the next caller, who may be told of it while it still speaks. */
function endOf(error: unknown): typeof hungUp {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return { isHangUp: code === 'ECONNRESET' || code === 'EPIPE', reason: `failed: ${messageOf(error)}` }
}

/** Understands what the installer says as it comes. */
class Answer {
  isSilent = true
  result: ModuleResult | undefined
  #rest = ''
  readonly #call: ModuleCall

  constructor(call: ModuleCall) {
    this.#call = call
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, longestLine)
    for (const line of lines) this.#read(line)
  }

  #read(line: string): void {
    this.isSilent = false
    if (line === begun) return
    const percent = /^progress (\d+(?:\.\d+)?)$/.exec(line)?.[1]
    if (percent !== undefined) this.#call.onProgress?.(Number(percent))
    else this.result = readResult(line)
  }
}

function readResult(line: string): ModuleResult {
  const parsed = z
    .string()
    .transform((text): unknown => parse(text))
    .pipe(Result)
    .safeParse(line)
  if (!parsed.success) return { kind: 'failed', reason: `the installer said ${line.slice(0, 100)}` }
  return parsed.data.kind === 'done' ? { ...parsed.data, version: parsed.data.version } : parsed.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
