import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { rounds } from '../tests/support/rounds.ts'
import { customCommand } from './actions/custom-command.ts'
import { rememberedActions } from './domain/agent-state.ts'
import type { CommandProgram } from './ports/command-program.ts'
import { startSimulatedDevice, validPayload } from './testing/simulated-device.ts'

const week = 7 * 86_400_000
const program: CommandProgram = { name: 'count', run: () => Promise.resolve({ kind: 'done', output: 1 }) }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('a week of actions costs two patches each at most, and leaves neither memory nor timers behind', async () => {
  const device = await startSimulatedDevice({ actions: [customCommand(program, { timeoutMs: 1_000 })] })
  const total = rounds(50_000, 1_000_000)
  const pauseMs = Math.floor(week / total)
  const notAfter = '2026-02-01T00:00:00Z'

  async function act(from: number, to: number): Promise<void> {
    for (let index = from; index < to; index += 1) {
      // One in a hundred is a reboot, which starts the whole agent anew.
      const [method, ms] = index % 100 === 0 ? ['reboot', 20_000] : ['count', pauseMs]
      const { status } = await device.hub.call(method, validPayload(`a-${index}`, { notAfter }))
      if (status !== 202) throw new Error(`action ${index}: ${status}`)
      await device.clock.advance(Math.max(ms, 1_100))
    }
  }

  // The ring of remembered actions is full from here on.
  await act(0, 1_000)
  device.hub.patches.length = 0
  const [heap, timers, handles] = [
    heapBytes(),
    device.clock.sleepers,
    process.getActiveResourcesInfo().length,
  ]
  let largest = 0
  for (let done = 1_000; done < total; done += 1_000) {
    await act(done, done + 1_000)
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
  await device.stop()
}, 1_200_000)
