import fc from 'fast-check'
import { expect, test } from 'vitest'
import { begin, emptyState, finish, type AcceptedAction, type AgentState } from './agent-state.ts'
import { decideAtStart, isTooLate, tooLate } from './boot-decision.ts'
import { decideReboot } from './method-decision.ts'
import { readRebootRequest } from './reboot-request.ts'

/**
 * A device reduced to what matters: a disk, a boot id, and an agent that can be killed between any two steps.
 * Everything that is decided is decided by the real domain; only acting is played here.
 */
class Device {
  disk: AgentState = emptyState
  /** What the agent's process is about to do; lost when it is killed. */
  job: AcceptedAction | undefined
  now = 0
  boots = 1
  readonly effects: string[] = []
  readonly promised = new Set<string>()

  get bootId(): string {
    return `boot-${this.boots}`
  }

  deliver(actionId: string, delaySeconds: number, killed: 'before-write' | 'after-write' | 'no'): void {
    const payload = { actionId, notAfter: new Date(this.now + 50_000).toISOString(), delaySeconds }
    const { answer, next } = decideReboot(this.disk, readRebootRequest(payload), {
      ...{
        now: this.now,
        bootId: this.bootId,
        refusal: undefined,
        locked: undefined,
        newActionId: () => 'none',
      },
    })
    if (killed === 'before-write') {
      this.restart()
      return
    }
    if (next !== undefined) {
      this.disk = next
      if (next.running?.state === 'accepted') this.job = next.running
    }
    if (killed === 'after-write') this.restart()
    else if (answer.status === 202) this.promised.add(actionId)
  }

  /** The accepted action comes due. */
  act(end: 'killed-before-command' | 'killed-after-command' | 'refused' | 'ignored' | 'reboots'): void {
    const { job } = this
    if (job === undefined) return
    this.job = undefined
    if (isTooLate(job, this.now)) {
      this.end({ code: 'interrupted', message: tooLate })
      return
    }
    this.disk = begin(this.disk, job, { now: this.now, deadline: this.now + 10_000 })
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
    if (this.disk.running?.state === 'rebooting') this.end({ code: 'did-not-reboot', message: 'still up' })
  }

  boot(): void {
    this.boots += 1
    this.restart()
  }

  restart(): void {
    this.job = undefined
    const found = decideAtStart(this.disk, { now: this.now, bootId: this.bootId })
    if (found.kind === 'finished') this.disk = found.next
    if (found.kind === 'carry-on') this.job = found.action
  }

  private end(error: { code: 'interrupted' | 'command-failed' | 'did-not-reboot'; message: string }): void {
    const { running } = this.disk
    if (running !== undefined)
      this.disk = finish(this.disk, running, { now: this.now, bootId: this.bootId, error })
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
  fc.integer({ min: -40_000, max: 80_000 }).map((ms) => (device: Device) => {
    device.now = Math.max(0, device.now + ms)
  }),
)

function play(steps: readonly Step[]): Device {
  const device = new Device()
  for (const each of steps) each(device)
  return device
}

const runs = { numRuns: 2_000 }

test('whatever is delivered, killed, cut and started again: at most one effect per action id', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { effects } = play(steps)
      expect(effects).toEqual([...new Set(effects)])
    }),
    runs,
  )
})

test('an action is completed only by another boot id, and only after its command was due', () => {
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
})

test('an action that was promised is finished once the device is left in peace, one way or the other', () => {
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
})
