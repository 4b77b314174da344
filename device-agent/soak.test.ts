import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { rounds } from '../tests/support/rounds.ts'
import { customCommand } from './actions/custom-command.ts'
import { stateFile } from './adapters/state-file.ts'
import { rememberedActions } from './domain/agent-state.ts'
import type { CommandProgram } from './ports/command-program.ts'
import { meteredFiles } from './testing/metered-files.ts'
import { startSimulatedDevice, validPayload, type SimulatedDevice } from './testing/simulated-device.ts'

const week = 7 * 86_400_000
/** How long the ring of remembered actions takes to be full, and more. */
const warmUp = 1_000
const program: CommandProgram = { name: 'count', run: () => Promise.resolve({ kind: 'done', output: 1 }) }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** One in a hundred is a reboot, which starts the whole agent anew. */
async function act(device: SimulatedDevice, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    const [method, ms] = index % 100 === 0 ? ['reboot', 20_000] : ['count', 1_100]
    const payload = validPayload(`a-${index}`, { notAfter: '2026-02-01T00:00:00Z' })
    const { status } = await device.hub.call(method, payload)
    if (status !== 202) throw new Error(`action ${index}: ${status}`)
    await device.clock.advance(ms)
  }
}

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('a week of actions costs two patches each at most, and leaves neither memory nor timers behind', async () => {
  const device = await startSimulatedDevice({ actions: [customCommand(program, { timeoutMs: 1_000 })] })
  const total = rounds(50_000, 1_000_000)
  const startedAt = device.clock.uptime()
  await act(device, 0, warmUp)
  device.hub.patches.length = 0
  const [heap, timers, handles] = [
    heapBytes(),
    device.clock.sleepers,
    process.getActiveResourcesInfo().length,
  ]
  let largest = 0
  for (let done = warmUp; done < total; done += 1_000) {
    await act(device, done, done + 1_000)
    expect(device.hub.patches.length).toBeLessThanOrEqual(2_000)
    for (const patch of device.hub.patches) largest = Math.max(largest, JSON.stringify(patch).length)
    for (const list of [device.hub.patches, device.hub.ends, device.events, device.orders]) {
      ;(list as unknown[]).length = 0
    }
  }
  expect(largest).toBeLessThanOrEqual(1_024)
  expect(device.clock.sleepers).toBe(timers)
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles + 1)
  const grown = heapBytes() - heap
  expect(grown).toBeLessThan(3 * 2 ** 20)
  expect((await device.store.load()).finished).toHaveLength(rememberedActions)
  if (total === 1_000_000) expect(device.clock.uptime() - startedAt).toBeGreaterThan(week)
  await device.stop()
}, 1_200_000)

test('an action writes its record four times, and no more the longer the agent runs', async () => {
  const disk = meteredFiles()
  const store = stateFile('/state', () => undefined, disk)
  const device = await startSimulatedDevice({
    store,
    actions: [customCommand(program, { timeoutMs: 1_000 })],
  })
  await act(device, 0, 300)
  // From here on the record is as large as it becomes.
  for (const from of [300, 400]) {
    const [bytes, syncs] = [disk.bytes, disk.syncs]
    await act(device, from, from + 100)
    // Accepted, begun, finished and acknowledged: each syncs the file, and then its name.
    expect(disk.syncs - syncs).toBe(100 * 4 * 2)
    expect((disk.bytes - bytes) / 100).toBeLessThan(256 * 1024)
  }
  await device.stop()
}, 60_000)
