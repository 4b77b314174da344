/**
 * What the journal costs a campaign: how long it takes to ask 2,000 devices, each answer 50 ms away, with every intent on
 * the disk before it is sent, next to a journal that keeps nothing. In real time, with the journal's own file and fsync,
 * at the pace of one unit of S3, the fastest that one unit allows. Run with `node bench/journal-cost.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { JournalFile } from '../core/adapters/journal-file.ts'
import { systemClock as clock } from '../core/adapters/system-clock.ts'
import type { Journal } from '../core/ports/journal.ts'
import { localHubId } from '../core/services/hub-service.ts'
import { openDesk } from '../core/testing/desk.ts'
import { FakeJournal, FakeLog } from '../core/testing/fakes.ts'
import { never, summaryWhen } from '../core/testing/scene.ts'
import { manyDevices, VirtualHub } from '../core/testing/virtual-hub.ts'

const deviceIds = manyDevices(2_000)
const latencyMs = 50
const rounds = 3
const allowedRatio = 1.1
/** Nobody is back before everybody was asked: what is measured is the asking. */
const behaviourOf = (): { downMs: number } => ({ downMs: 3_600_000 })

async function timeOfDispatch(journal: Journal): Promise<number> {
  const hub = new VirtualHub({ clock, deviceIds, latencyMs, behaviourOf })
  const desk = await openDesk({ hub, journal, clock, log: new FakeLog() })
  await desk.hubs.configure(localHubId, { tier: { sku: 'S3', units: 1 } })
  await desk.readFleet()
  const startedAt = performance.now()
  const parameters = { kind: 'reboot' as const }
  await desk.actions.start({ hubId: localHubId, parameters, deviceIds, deadlineMs: 600_000 }, never)
  await summaryWhen(desk, ({ counts }) => counts.working === deviceIds.length)
  const time = performance.now() - startedAt
  await desk.actions.close()
  return time
}

const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
const [withFile, without]: [number[], number[]] = [[], []]
for (let round = 0; round < rounds; round += 1) {
  const journal = await JournalFile.open(join(folder, `journal-${round}.log`))
  withFile.push(await timeOfDispatch(journal))
  await journal.close()
  without.push(await timeOfDispatch(new FakeJournal()))
}
await rm(folder, { recursive: true })
const [withMs, withoutMs] = [Math.min(...withFile), Math.min(...without)]
const ratio = withMs / withoutMs
console.log(
  [
    `${deviceIds.length} devices asked in ${withMs.toFixed(0)} ms with the journal, ${withoutMs.toFixed(0)} ms without`,
    `${ratio.toFixed(3)} x (allowed ${allowedRatio}), the best of ${rounds} each`,
  ].join(', '),
)
process.exitCode = ratio <= allowedRatio ? 0 : 1
