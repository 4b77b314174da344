import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import { readRebootCall } from '../actions/reboot-request.ts'
import { rebootAction } from '../actions/reboot.ts'
import {
  advance,
  emptyState,
  finish,
  type ActionError,
  type AgentState,
  type RunningAction,
} from './agent-state.ts'
import { decideAtStart } from './boot-decision.ts'
import { decideCancel } from './cancel-decision.ts'
import { decideCall } from './method-decision.ts'
import { isTooLate, tooLate } from './validity.ts'

const reboot = rebootAction({ refusal: undefined })

/**
 * A device reduced to what matters: a disk, a boot id, and an agent that can be killed between any two steps.
 * Everything that is decided is decided by the real domain; only acting is played here.
 */
class Device {
  disk: AgentState = emptyState
  /** What the agent's process is about to do; lost when it is killed. */
  job: RunningAction | undefined
  now = 0
  uptime = 0
  boots = 1
  readonly effects: string[] = []
  readonly promised = new Set<string>()
  readonly cancelled = new Set<string>()

  get bootId(): string {
    return `boot-${this.boots}`
  }

  deliver(actionId: string, delaySeconds: number, killed: 'before-write' | 'after-write' | 'no'): void {
    const payload = { actionId, notAfter: new Date(this.now + 50_000).toISOString(), delaySeconds }
    const { answer, next } = decideCall(this.disk, readRebootCall(payload), {
      ...{ ...this.moment, bootId: this.bootId, method: 'reboot' },
      ...{ refusal: undefined, locked: undefined, instead: undefined, newActionId: () => 'none' },
    })
    if (killed === 'before-write') {
      this.restart()
      return
    }
    if (next !== undefined) {
      this.disk = next
      this.job = next.running
    }
    if (killed === 'after-write') this.restart()
    else if (answer.status === 202) this.promised.add(actionId)
  }

  /** The accepted action comes due. */
  act(end: 'killed-before-command' | 'killed-after-command' | 'refused' | 'ignored' | 'reboots'): void {
    const { job } = this
    if (job === undefined) return
    this.job = undefined
    if (isTooLate(job, this.moment)) {
      this.end({ code: 'interrupted', message: tooLate })
      return
    }
    const step = { state: 'rebooting', orderedUptime: this.uptime, isForced: false }
    this.disk = advance(this.disk, job, { step, now: this.now })
    if (end === 'killed-before-command') {
      this.restart()
      return
    }
    this.effects.push(job.actionId)
    if (end === 'killed-after-command') this.restart()
    if (end === 'refused') this.end({ code: 'command-failed', message: 'no' })
    if (end === 'reboots') this.boot()
  }

  /** The patience with a machine that does not go down is over. */
  giveUp(): void {
    if (this.disk.running?.step !== undefined) this.end({ code: 'did-not-reboot', message: 'still up' })
  }

  cancel(actionId: string): void {
    const whyNot = reboot.whyNotCancel.bind(reboot)
    const { next } = decideCancel(this.disk, {
      payload: { actionId },
      now: this.now,
      bootId: this.bootId,
      whyNot,
    })
    if (next === undefined) return
    this.disk = next
    this.job = undefined
    this.cancelled.add(actionId)
  }

  boot(): void {
    this.boots += 1
    this.uptime = 0
    this.restart()
  }

  restart(): void {
    this.job = undefined
    const start = { ...this.moment, bootId: this.bootId }
    const found = decideAtStart(this.disk, { start, kindOf: () => reboot })
    this.disk = found.next
    if (found.kind === 'carry-on' && found.action.step === undefined) this.job = found.action
  }

  private get moment() {
    return { now: this.now, isSynced: true, uptime: this.uptime }
  }

  private end(error: ActionError): void {
    const { running } = this.disk
    const end = { status: 'failed', now: this.now, bootId: this.bootId, error } as const
    if (running !== undefined) this.disk = finish(this.disk, running, end)
  }
}

type Step = (device: Device) => void

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom(0, 0, 0, 20),
      fc.constantFrom('no', 'no', 'before-write', 'after-write'),
    )
    .map(([id, delay, killed]) => (device: Device) => {
      device.deliver(id, delay, killed)
    }),
  fc
    .constantFrom('killed-before-command', 'killed-after-command', 'refused', 'ignored', 'reboots')
    .map((end) => (device: Device) => {
      device.act(end)
    }),
  fc.constant((device: Device) => {
    device.restart()
  }),
  fc.constant((device: Device) => {
    device.boot()
  }),
  fc.constant((device: Device) => {
    device.giveUp()
  }),
  fc.constantFrom('a', 'b', 'c').map((id) => (device: Device) => {
    device.cancel(id)
  }),
  fc.integer({ min: -40_000, max: 80_000 }).map((ms) => (device: Device) => {
    device.now = Math.max(0, device.now + ms)
    device.uptime += Math.abs(ms)
  }),
)

function play(steps: readonly Step[]): Device {
  const device = new Device()
  for (const each of steps) each(device)
  return device
}

const patienceMs = 600_000
const runs = { numRuns: rounds(2_000, 20_000) }

test(
  'whatever is delivered, killed, cut and started again: at most one effect per action id',
  () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { effects } = play(steps)
        expect(effects).toEqual([...new Set(effects)])
      }),
      runs,
    )
  },
  patienceMs,
)

test(
  'an action that is cancelled has no effect, then or later',
  () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { effects, cancelled } = play(steps)
        expect(effects.filter((id) => cancelled.has(id))).toEqual([])
      }),
      runs,
    )
  },
  patienceMs,
)

test(
  'an action is completed only by another boot id, and only after its command was due',
  () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const completed = play(steps).disk.finished.filter(({ status }) => status === 'completed')
        for (const action of completed) {
          expect(action.bootIdAfter).not.toBe(action.bootIdBefore)
          expect(action.startedAt).toBeDefined()
        }
      }),
      runs,
    )
  },
  patienceMs,
)

test(
  'an action that was promised is finished once the device is left in peace, one way or the other',
  () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const device = play(steps)
        device.act('reboots')
        device.giveUp()
        const finished = device.disk.finished.map(({ actionId }) => actionId)
        expect(device.disk.running).toBeUndefined()
        expect(finished).toEqual(expect.arrayContaining([...device.promised]))
        expect(finished).toEqual([...new Set(finished)])
      }),
      runs,
    )
  },
  patienceMs,
)
