import { z } from 'zod'
import { answerStatus } from '../../contract/device/answer.ts'
import { ActionEnvelope } from '../../contract/device/method.ts'
import { Json, type JsonObject, type Outcome } from '../domain/agent-state.ts'
import { interrupted } from '../domain/boot-decision.ts'
import { comparable } from '../domain/comparable.ts'
import { timesOf } from '../domain/envelope.ts'
import type { MethodAnswer, MethodCall } from '../domain/method-decision.ts'
import { decodePayload, invalidCall } from '../domain/payload.ts'
import { shortText } from '../domain/short-text.ts'
import type { CommandProgram, CommandResult } from '../ports/command-program.ts'
import { defineAction, type Action, type ActionContext, type Running } from './action.ts'

const CommandRequest = z.object({ input: Json })
type CommandRequest = z.infer<typeof CommandRequest>

const CommandStep = z.object({ state: z.literal('running') })
type CommandStep = z.infer<typeof CommandStep>

/** The record holds what is asked for, and is written as a whole at each step. */
const longestInput = 16 * 1024

/** A twin is small, and a text longer than this is none for it. */
const longestResultBytes = 400

export interface CommandLimits {
  readonly timeoutMs: number
}

/**
 * A program of the owner as a direct method. With an action id it is an action like any other: done once, and reported.
 * Without one it is run while the caller waits, and its answer is the answer.
 */
export function customCommand(program: CommandProgram, limits: CommandLimits): Action {
  let waiting = 0
  async function answerNow(input: Json): Promise<MethodAnswer> {
    if (waiting > 0) return failure(answerStatus.conflict, 'this command is running for another caller')
    waiting += 1
    try {
      const call = { ...limits, input, actionId: undefined, signal: new AbortController().signal }
      return toAnswer(await program.run({ ...call, onProgress: () => undefined }))
    } finally {
      waiting -= 1
    }
  }
  return defineAction<CommandRequest, CommandStep>({
    name: program.name,
    isDestructive: true,
    request: CommandRequest,
    step: CommandStep,
    read: (payload) => readCommandCall(payload, answerNow),
    // Whether it had an effect only its owner can tell: it is never run a second time.
    judge: ({ step }) =>
      step && interrupted('the agent ended while the command ran; what it did is not known'),
    run: (action, context) => run(action, context, { program, limits }),
  })
}

function readCommandCall(
  payload: unknown,
  answerNow: (input: Json) => Promise<MethodAnswer>,
): MethodCall<CommandRequest> {
  const value = decodePayload(payload)
  const json = Json.safeParse(value)
  if (!json.success) return invalidCall(value, json.error)
  if (!isObject(value) || !('actionId' in value)) {
    return { kind: 'immediate', perform: () => answerNow(json.data) }
  }
  const envelope = ActionEnvelope.safeParse(value)
  if (!envelope.success) return invalidCall(value, envelope.error)
  const { actionId, notAfter: _, issuedAt: __, ...input } = value as JsonObject & ActionEnvelope
  const parameters = comparable(input)
  if (Buffer.byteLength(parameters) > longestInput) {
    const reason = `the payload is larger than ${longestInput / 1024} KB`
    return { kind: 'invalid', actionId, reason }
  }
  return { kind: 'wanted', actionId, parameters, request: { input }, ...timesOf(envelope.data) }
}

interface Runner {
  readonly program: CommandProgram
  readonly limits: CommandLimits
}

async function run(
  { actionId, request, step }: Running<CommandRequest, CommandStep>,
  context: ActionContext<CommandStep>,
  { program, limits }: Runner,
): Promise<Outcome> {
  if (step !== undefined) return interrupted('the command had begun before, and is not run twice')
  await context.advance({ state: 'running' })
  const { signal, show } = context
  const onProgress = (progress: Json) => {
    show({ progress: short(progress) })
  }
  const result = await program.run({ ...limits, input: request.input, actionId, signal, onProgress })
  signal.throwIfAborted()
  const report = result.output === undefined ? {} : { report: { result: short(result.output) } }
  if (result.kind === 'done') return { status: 'completed', ...report }
  const code = result.kind === 'failed' ? 'command-failed' : 'timed-out'
  return { status: 'failed', error: { code, message: result.reason }, ...report }
}

function toAnswer(result: CommandResult): MethodAnswer {
  if (result.kind !== 'done') return failure(answerStatus.commandFailed, result.reason)
  const { output = null } = result
  return { status: answerStatus.alreadyDone, payload: isObject(output) ? output : { result: output } }
}

function failure(status: number, reason: string): MethodAnswer {
  return { status, payload: { state: 'failed', reason } }
}

/** Numbers and truth as they are; anything else as text that fits, because a twin merges what has fields. */
function short(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return shortText(text, longestResultBytes)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
