import type { Clock } from '../../hub/clock.ts'
import { isJsonObject, parseJson } from '../../hub/json.ts'
import type { JsonObject, JsonValue } from '../../hub/json.ts'
import { seededUuid } from '../seeded-random.ts'
import type { DeviceParts } from '../device-parts.ts'
import type { Random } from '../seeded-random.ts'
import { callWith, reactWith, scriptWith } from './faults.ts'
import type { DeviceFault } from './faults.ts'
import type { Line, LightIdentity, LineListener, Network } from './line.ts'
import type { Call, LightDialect, LightState, Moment, Step, Work } from './script.ts'

/** What the devices of a group have in common. */
export interface LightKind {
  readonly dialect: LightDialect
  /** Seconds are for files; these are milliseconds. */
  readonly downMs: readonly [least: number, most: number]
  readonly phaseMs: number
  readonly firmwareVersion: string
}

interface Report {
  readonly json: string
  readonly next: () => void
  /** Of the last time that it was sent. */
  requestId: string | undefined
  /** How often the hub had no room for it. */
  refusals: number
}

export interface LightDeviceOptions {
  readonly identity: LightIdentity
  readonly kind: LightKind
  readonly fault: DeviceFault | undefined
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceParts['log']
}

/** After a lost connection, and after a hub without room for a report; doubled each time, and scattered. */
const retryMs = { first: 1_000, longest: 30_000 }

/** How long a device that flaps stays connected. */
const flapMs = { least: 3_000, most: 10_000 }

/** A device without an operating system: a line to the hub, a dialect, and what is wrong with it. */
export class LightDevice implements LineListener {
  readonly #options: LightDeviceOptions
  #state: LightState
  #line: Line | undefined
  #isReady = false
  #isStopped = false
  #losses = 0
  /** The boot that the hub has been told of. */
  #greetedBoot: string | undefined
  #steps: readonly Step[] = []
  #running: Work | undefined
  #done: Work | undefined
  /** The patch that the hub has not acknowledged yet, and what follows it. */
  #report: Report | undefined
  #lastRequest = 0
  #stopped: (() => void) | undefined

  constructor(options: LightDeviceOptions) {
    this.#options = options
    const { identity, kind, clock, random } = options
    this.#state = {
      deviceId: identity.deviceId,
      bootId: seededUuid(random),
      bootedAt: clock.now(),
      firmwareVersion: kind.firmwareVersion,
    }
  }

  start(): void {
    if (this.#options.fault !== 'offline') this.#connect()
  }

  /** Resolves when the connection is closed. */
  stop(): Promise<void> {
    this.#isStopped = true
    const line = this.#line
    if (!line) return Promise.resolve()
    return new Promise((resolve) => {
      this.#stopped = resolve
      line.end()
    })
  }

  onReady(): void {
    const { fault, kind, clock, random } = this.#options
    this.#isReady = true
    this.#losses = 0
    if (fault === 'flaps') {
      const stayMs = flapMs.least + random() * (flapMs.most - flapMs.least)
      clock.after(stayMs, () => this.#line?.end())
    }
    if (this.#report) this.#send()
    else this.#greet()
    if (kind.dialect.desired) this.#line?.askTwin(this.#nextRequest())
  }

  onMethod({ name, requestId, payload }: { name: string; requestId: string; payload: Uint8Array }): void {
    const call = this.#call(name, payload.length === 0 ? null : parsed(payload))
    const { answers, script, work } = reactWith(this.#options.kind.dialect, this.#options.fault, call)
    for (const answer of answers) {
      this.#line?.answer(requestId, answer.status, JSON.stringify(answer.payload))
    }
    this.#begin(script, work)
  }

  onTwin(twin: Uint8Array): void {
    const { desired } = objectIn(twin)
    if (isJsonObject(desired)) this.#follow(desired)
  }

  onDesired(patch: Uint8Array): void {
    this.#follow(objectIn(patch))
  }

  onReported(requestId: string, status: number): void {
    const report = this.#report
    if (report?.requestId !== requestId) return
    if (status === 429 || status >= 500) return this.#sendAgain(report)
    // A patch that the hub refuses is dropped: sending it again would not help.
    this.#report = undefined
    report.next()
  }

  /** Later, unless a new connection has sent it in the meantime. */
  #sendAgain(report: Report): void {
    const { requestId } = report
    this.#later(this.#pauseMs(report.refusals), () => {
      if (this.#report?.requestId === requestId) this.#send()
    })
    report.refusals += 1
  }

  onEnd(): void {
    this.#line = undefined
    this.#isReady = false
    if (this.#isStopped) return this.#stopped?.()
    if (this.#steps[0]?.kind === 'restart') return this.#boot(this.#steps[0])
    this.#later(this.#pauseMs(this.#losses), () => this.#connect())
    this.#losses += 1
  }

  /** Devices that failed together do not try again together. */
  #pauseMs(failures: number): number {
    return Math.min(retryMs.first * 2 ** failures, retryMs.longest) * (0.5 + this.#options.random())
  }

  #connect(): void {
    this.#line = this.#options.network.connect(this.#options.identity, this)
  }

  /** Tells the hub of the boot, once, and goes on with what was begun before it. */
  #greet(): void {
    if (this.#greetedBoot === this.#state.bootId) return
    this.#greetedBoot = this.#state.bootId
    const [step] = this.#steps
    if (step?.kind === 'report' && step.greets) return this.#goOn()
    const hello = this.#options.kind.dialect.hello(this.#moment())
    if (hello) this.#queue(hello, () => this.#goOn())
    else this.#goOn()
  }

  #follow(desired: JsonObject): void {
    const { dialect } = this.#options.kind
    const call = callWith(this.#options.fault, this.#call('', null))
    const script = dialect.desired?.(desired, call)
    if (script) this.#begin(scriptWith(this.#options.fault, script), undefined)
  }

  /** One piece of work at a time; a dialect without ids says yes to more, and does nothing of it. */
  #begin(script: readonly Step[], work: Work | undefined): void {
    if (script.length === 0 || this.#steps.length > 0) return
    this.#running = work
    this.#steps = script
    if (!this.#report) this.#goOn()
  }

  /** Does the next step, which is here as long as it is not done. */
  #goOn(): void {
    const [step] = this.#steps
    switch (step?.kind) {
      case 'wait':
        return this.#later(step.ms, () => this.#finishStep())
      case 'report':
        return this.#queue(step.patch(this.#moment()), () => this.#finishStep())
      case 'restart':
        if (this.#line) return this.#line.end()
        return this.#boot(step)
      case undefined:
        this.#done = this.#running ?? this.#done
        this.#running = undefined
    }
  }

  #finishStep(): void {
    this.#steps = this.#steps.slice(1)
    this.#goOn()
  }

  /** The device is down now. One that is down for ever never returns. */
  #boot({ downMs, firmwareVersion }: Extract<Step, { kind: 'restart' }>): void {
    if (downMs === Infinity) return
    this.#later(downMs, () => {
      const { clock, random, log } = this.#options
      this.#state = {
        ...this.#state,
        ...(firmwareVersion !== undefined && { firmwareVersion }),
        bootId: seededUuid(random),
        bootedAt: clock.now(),
      }
      log('booted', { bootId: this.#state.bootId })
      this.#steps = this.#steps.slice(1)
      this.#connect()
    })
  }

  #queue(patch: JsonObject, next: () => void): void {
    this.#report = { json: JSON.stringify(patch), next, requestId: undefined, refusals: 0 }
    this.#send()
  }

  #send(): void {
    if (!this.#report || !this.#isReady) return
    this.#report.requestId = this.#nextRequest()
    this.#line?.report(this.#report.requestId, this.#report.json)
  }

  #later(delayMs: number, task: () => void): void {
    this.#options.clock.after(delayMs, () => {
      if (!this.#isStopped) task()
    })
  }

  #call(method: string, payload: JsonValue): Call {
    const { kind, random } = this.#options
    const [least, most] = kind.downMs
    return {
      ...this.#moment(),
      ...{
        method,
        payload,
        running: this.#running,
        done: this.#done,
        firmware: 'succeeds',
        phaseMs: kind.phaseMs,
      },
      downMs: least + random() * (most - least),
      newId: () => seededUuid(random),
    }
  }

  #moment(): Moment {
    return { now: this.#options.clock.now(), state: this.#state }
  }

  #nextRequest(): string {
    this.#lastRequest += 1
    return String(this.#lastRequest)
  }
}

function objectIn(bytes: Uint8Array): JsonObject {
  const value = parsed(bytes)
  return isJsonObject(value) ? value : {}
}

/** Unlike a real device, this one takes what is not JSON for nothing at all. */
function parsed(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
