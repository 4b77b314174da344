import { describe, expect, test, vi } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import { stateFile } from '../adapters/state-file.ts'
import type { AgentState, FinishedAction } from '../domain/agent-state.ts'
import type { StateStore } from '../ports/state-store.ts'
import { CrashingFiles, type Crash } from '../testing/crashing-files.ts'
import { startFirmwareDevice, type FirmwareDevice, type FirmwareFaults } from '../testing/fake-firmware.ts'
import { seededRandom } from '../testing/seeded-random.ts'

// Hundreds of updates, each from its call to its end.
vi.setConfig({ testTimeout: 600_000 })

interface PlannedCrash {
  /** Before this operation of the file system, counted from the last start. */
  readonly at: number
  readonly crash: Crash
}

interface Story {
  readonly status: string | undefined
  readonly code: string | undefined
  /** What runs in a boot that is yet to come. */
  readonly version: string
  /** Each durable phase, in order. */
  readonly chain: readonly string[]
  readonly floors: readonly number[]
  readonly crashes: number
}

const mostRounds = 200

/** Plays one update on a device that crashes as planned, to its end: the back end asks until it is over. */
async function tellStory(faults: FirmwareFaults, planned: readonly PlannedCrash[], seed = 1): Promise<Story> {
  const files = new CrashingFiles(seededRandom(seed))
  const { store, chain } = watched(stateFile('/state', () => undefined, files))
  const left = [...planned]
  const armNext = () => {
    files.crashAt = files.operations + (left[0]?.at ?? Infinity)
  }
  armNext()
  const isDead = () => files.isDead
  const device = await startFirmwareDevice({ ...faults, isDead }, { store, isDead })
  let crashes = 0
  for (let round = 0; round < mostRounds; round += 1) {
    await device.clock.advance(round % 4 === 3 ? 400_000 : 3_000)
    if (files.isDead) {
      const { crash = 'kill' } = left.shift() ?? {}
      crashes += 1
      await end(device, crash)
      files.recover(crash)
      armNext()
      await device.startAgain()
      continue
    }
    const finished = await outcomeOf(store)
    if (finished !== undefined) return theEnd(device, { chain, crashes })
    await device.update({ notAfter: '2026-02-01T00:00:00Z' }).catch(() => undefined)
  }
  throw new Error(`no end after ${mostRounds} rounds: ${JSON.stringify({ planned, chain })}`)
}

function end(device: FirmwareDevice, crash: Crash): Promise<void> {
  return crash === 'cut' ? device.cutPower() : device.stop().catch(() => undefined)
}

async function outcomeOf(store: StateStore): Promise<FinishedAction | undefined> {
  const { finished, unreported } = await store.load()
  return unreported.length === 0 ? finished.find(({ actionId }) => actionId === 'update-1') : undefined
}

async function theEnd(device: FirmwareDevice, told: Pick<Story, 'chain' | 'crashes'>): Promise<Story> {
  const report = device.firmwareReport()
  const version = await device.version('a boot that is yet to come')
  await device.stop()
  const { status, error } = report ?? {}
  return { ...told, status, code: error?.code, version, floors: device.floors }
}

/** Notes each phase that is durable, whether or not anyone lived to hear of it. */
function watched(inner: StateStore): { store: StateStore; chain: string[] } {
  const chain: string[] = []
  const note = ({ running }: AgentState) => {
    const phase = running?.step?.['phase']
    if (typeof phase === 'string' && chain.at(-1) !== phase) chain.push(phase)
  }
  const store = {
    async load() {
      const state = await inner.load()
      note(state)
      return state
    },
    async save(state: AgentState) {
      await inner.save(state)
      note(state)
    },
  }
  return { store, chain }
}

const images = [
  {
    image: 'a good image',
    faults: {},
    end: { status: 'applyComplete', code: undefined, version: '2.0' },
    reboots: 1,
    chain: ['download', 'verify', 'install', 'switch', 'trial', 'commit'],
  },
  {
    image: 'an image that is not well',
    faults: { health: () => Promise.resolve('it is ill') },
    end: { status: 'rolledBack', code: 'unhealthy', version: '1.0' },
    reboots: 2,
    chain: ['download', 'verify', 'install', 'switch', 'trial', 'rollback', 'return'],
  },
  {
    image: 'an image that cannot be installed',
    faults: {
      module: (verb: string) =>
        verb === 'install' ? Promise.resolve({ kind: 'failed', reason: 'stuck' } as const) : undefined,
    },
    end: { status: 'applyFailed', code: 'install-failed', version: '1.0' },
    reboots: 0,
    chain: ['download', 'verify', 'install', 'rollback'],
  },
]

/** Every crash until there is no operation left before which to crash. */
async function atEach(tell: (at: number) => Promise<Story>): Promise<Story[]> {
  const stories: Story[] = []
  for (let at = 1; ; at += 1) {
    const story = await tell(at)
    if (story.crashes === 0) return stories
    stories.push(story)
  }
}

/** What is true of an update wherever the device crashed once. */
function expectEnd(story: Story, { status, code, version }: (typeof images)[number]['end']): void {
  expect(story).toMatchObject({ status, code, version })
  expect(new Set(story.floors)).toEqual(new Set(version === '2.0' ? [7] : []))
}

describe.each(images)('$image', ({ faults, end: expected, chain, reboots }) => {
  test('killed before each operation of each durable write goes through the same phases to the same end', async () => {
    const stories = await atEach((at) => tellStory(faults, [{ at, crash: 'kill' }]))
    // Each boot, the acceptance, each phase, the end and its acknowledgement: five operations each.
    expect(stories).toHaveLength((1 + reboots + 1 + chain.length + 2) * 5)
    for (const story of stories) {
      expectEnd(story, expected)
      expect(story.chain).toEqual(chain)
    }
  })

  test('with its power cut before each operation comes to the same end', async () => {
    for (let seed = 1; seed <= rounds(1, 20); seed += 1) {
      const stories = await atEach((at) => tellStory(faults, [{ at, crash: 'cut' }], seed))
      expect(stories.length).toBeGreaterThanOrEqual((chain.length + 4) * 5)
      for (const story of stories) expectEnd(story, expected)
    }
  })

  test('that crashes again while it recovers comes to the same end', async () => {
    for (let seed = 1; seed <= rounds(20, 1_000); seed += 1) {
      const random = seededRandom(seed)
      const crashes = [1, 2].map((): PlannedCrash => {
        return { at: 1 + Math.floor(random() * 40), crash: random() < 0.5 ? 'cut' : 'kill' }
      })
      expectEnd(await tellStory(faults, crashes, seed), expected)
    }
  })
})
