import { describe, expect, test } from 'vitest'
import { rounds } from '../tests/support/rounds.ts'
import { tellStory, type PlannedCrash, type Story } from './testing/crash-story.ts'
import { seededRandom } from './testing/seeded-random.ts'

/** The operations of one durable write, in their order: the process dies before one of them. */
const operations = ['create', 'write', 'sync', 'rename', 'sync of the folder'] as const
/** A long run repeats ten times as much. */
const patienceMs = 600_000

const kinds = ['reboot', 'factoryReset', 'backup'] as const

/** The durable writes of an action, and what the start of the agent writes before it. */
const writes = {
  reboot: ['start', 'accepted', 'rebooting', 'finished', 'acknowledged'],
  factoryReset: ['start', 'accepted', 'wiping', 'rebooting', 'finished', 'acknowledged'],
  backup: ['start', 'accepted', 'running', 'finished', 'acknowledged'],
} as const

const chains = {
  reboot: ['accepted', 'rebooting'],
  factoryReset: ['accepted', 'wiping', 'rebooting'],
  backup: ['accepted', 'running'],
} as const

/** What must be true of every story, wherever the device crashed. */
function expectTruth({ outcome, reported, lastAnswer, ...counts }: Story): void {
  const { actionId, status, kind } = outcome
  expect(reported).toMatchObject({ actionId, status })
  expect(lastAnswer).toMatchObject({ status: 200, payload: { actionId, state: status } })
  expect(counts.reboots).toBeLessThanOrEqual(1)
  expect(counts.runs).toBeLessThanOrEqual(1)
  if (status !== 'completed') expect(outcome.error?.code).toMatch(/^(did-not-reboot|interrupted)$/)
  else if (kind === 'backup') expect(counts.runs).toBe(1)
  else expect(outcome.bootIdAfter).not.toBe(outcome.bootIdBefore)
  if (kind === 'factoryReset' && status === 'completed') expect(counts.wipes).toBeGreaterThan(0)
}

/** Every crash until there is no operation left before which to crash. */
async function atEach(tell: (at: number) => Promise<Story>): Promise<Story[]> {
  const stories: Story[] = []
  for (let at = 1; ; at += 1) {
    const story = await tell(at)
    if (story.crashes === 0) return stories
    stories.push(story)
  }
}

describe.each(kinds)('%s, killed before each operation of each durable write,', (action) => {
  test(
    'goes through exactly the same states, and its end is the one that the moment allows',
    async () => {
      const stories = await atEach((at) => tellStory({ action, crashes: [{ at, crash: 'kill' }] }))
      expect(stories).toHaveLength(writes[action].length * operations.length)
      for (const [index, story] of stories.entries()) {
        const step = writes[action][Math.floor(index / operations.length)] ?? 'start'
        const isVisible = operations[index % operations.length] === 'sync of the folder'
        expectTruth(story)
        const end = endOfKill({ action, step, isVisible })
        expect({ step, ...endOf(story) }).toEqual({ step, ...end })
        expect(story.chain).toEqual([...chains[action], end.status])
      }
    },
    patienceMs,
  )
})

interface Moment {
  readonly action: (typeof kinds)[number]
  readonly step: string
  /** Whether the write can be seen by the next start. */
  readonly isVisible: boolean
}

interface End {
  readonly status: string
  readonly reboots: number
  readonly wipes: number
  readonly runs: number
}

function endOf({ outcome, reboots, wipes, runs }: Story): End {
  return { status: outcome.status, reboots, wipes, runs }
}

function endOfKill({ action, step, isVisible }: Moment): End {
  const nothing = { status: 'failed', reboots: 0, wipes: 0, runs: 0 }
  const odd: Readonly<Record<string, End>> = {
    // Begun, but did it run? Run, but what did it answer? Neither is known, and it is not run again.
    'backup running true': nothing,
    'backup finished false': { ...nothing, runs: 1 },
    // Killed between the durable step and the order, which was not given: the same boot id at the deadline says so.
    'reboot rebooting true': nothing,
    'factoryReset rebooting true': { ...nothing, wipes: 1 },
    // What was wiped is wiped once more.
    'factoryReset rebooting false': { status: 'completed', reboots: 1, wipes: 2, runs: 0 },
  }
  const usual = {
    reboot: { status: 'completed', reboots: 1, wipes: 0, runs: 0 },
    factoryReset: { status: 'completed', reboots: 1, wipes: 1, runs: 0 },
    backup: { status: 'completed', reboots: 0, wipes: 0, runs: 1 },
  }
  return odd[`${action} ${step} ${isVisible}`] ?? usual[action]
}

describe.each(kinds)('%s on a device whose power is cut before each operation', (action) => {
  test(
    'is known to its end, with at most one effect, whatever survives of what was not synced',
    async () => {
      for (let seed = 1; seed <= rounds(3, 30); seed += 1) {
        const stories = await atEach((at) => tellStory({ action, crashes: [{ at, crash: 'cut' }], seed }))
        expect(stories.length).toBeGreaterThanOrEqual(writes[action].length * operations.length)
        stories.forEach(expectTruth)
      }
    },
    patienceMs,
  )

  test(
    'and again while it recovers, is known to its end all the same',
    async () => {
      let pairs = 0
      for (let [first, isOver] = [1, false]; !isOver; first += rounds(3, 1)) {
        for (let [second, isShort] = [1, false]; !isShort; second += rounds(5, 1)) {
          const crashes: PlannedCrash[] = [first, second].map((at) => ({ at, crash: 'cut' }))
          const story = await tellStory({ action, crashes, seed: first })
          expectTruth(story)
          isShort = story.crashes < 2
          isOver = story.crashes === 0
          pairs += 1
        }
      }
      // Each operation, and each after it that there is: those of the start, at least, and of the end.
      expect(pairs).toBeGreaterThan(rounds(30, writes[action].length * operations.length * 15))
    },
    patienceMs,
  )
})

describe.each(['kill', 'cut'] as const)(
  'a reboot that is cancelled while a %s threatens each operation',
  (crash) => {
    test(
      'never happens once its caller was told so, and is reported as cancelled',
      async () => {
        const stories = await atEach((at) =>
          tellStory({ action: 'reboot', isCancelled: true, crashes: [{ at, crash }] }),
        )
        // The start, the acceptance, the cancellation, and its acknowledgement.
        expect(stories.length).toBeGreaterThanOrEqual(4 * operations.length)
        for (const { outcome, reported, lastAnswer, reboots, wasCancelled, chain } of stories) {
          const { actionId, status, error } = outcome
          expect(reported).toMatchObject({ actionId, status })
          expect(lastAnswer).toMatchObject({ status: 200, payload: { actionId, state: status } })
          expect(reboots).toBe(0)
          if (crash === 'kill' || wasCancelled) expect(chain).toEqual(['accepted', 'cancelled'])
          // The machine went down by itself while the reboot waited, or when it was just cancelled and nobody told.
          else expect(['cancelled', 'interrupted']).toContain(error?.code ?? status)
        }
      },
      patienceMs,
    )
  },
)

test(
  'crashes of all kinds at random: no action is lost, done twice, or told wrongly',
  async () => {
    for (let seed = 1; seed <= rounds(200, 2_000); seed += 1) {
      const random = seededRandom(seed)
      const crashes = Array.from({ length: 1 + Math.floor(random() * 4) }, (): PlannedCrash => {
        return { at: 1 + Math.floor(random() * 30), crash: random() < 0.5 ? 'cut' : 'kill' }
      })
      const action = kinds[seed % kinds.length] ?? 'reboot'
      expectTruth(await tellStory({ action, crashes, seed }))
    }
  },
  patienceMs,
)
