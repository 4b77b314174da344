/**
 * How long the app needs to open the journal of a campaign of 100,000 devices, next to the least that reading it can take:
 * each line hashed and parsed, and nothing done with it. Each in a process of its own, as at the start of the app. Run with
 * `node bench/journal.ts [devices]`.
 */
import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ActionId, HubId } from '../contract/app/ids.ts'
import { JournalFile } from '../core/adapters/journal-file.ts'
import { systemClock } from '../core/adapters/system-clock.ts'
import type { JournalRecord } from '../core/domain/journal-record.ts'
import { ActionStore } from '../core/services/action-store.ts'
import { manyDevices } from '../core/testing/virtual-hub.ts'

const run = promisify(execFile)
const allowed = { ratio: 2.2, ms: 1_000 }
/** Where reading alone takes longer, the machine is slower than a laptop, or busy: then the ratio tells more than the second. */
const quietMs = 600
const rounds = 7
const actionId = ActionId.parse('01JDCQ3S8ZK9V0YB7T5RWN4XMH')

if (process.argv[2] === 'open') await timeOf(open)
else if (process.argv[2] === 'plain') await timeOf(readPlainly)
else await compare(Number(process.argv[2] ?? 100_000))

async function compare(devices: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  try {
    const path = join(folder, 'journal.log')
    const records = await write(path, devices)
    const times: Record<'plain' | 'open', Times[]> = { plain: [], open: [] }
    for (let round = 0; round < rounds; round += 1)
      for (const way of ['plain', 'open'] as const) times[way].push(await timesInProcess(way, path))
    const [open, plain] = [least(times.open), least(times.plain)]
    const ratio = open.cpuMs / plain.cpuMs
    console.log(
      [
        `${records} records of ${devices} devices open in ${open.ms.toFixed(0)} ms (allowed ${allowed.ms})`,
        `${open.cpuMs.toFixed(0)} ms of work, ${ratio.toFixed(2)} x that of reading, hashing and parsing them (allowed ${allowed.ratio})`,
        `which takes ${plain.ms.toFixed(0)} ms, ${plain.cpuMs.toFixed(0)} ms of work; the best of ${rounds} each`,
      ].join(', '),
    )
    const isQuick = open.ms <= allowed.ms || plain.ms > quietMs
    process.exitCode = ratio <= allowed.ratio && isQuick ? 0 : 1
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Times {
  readonly ms: number
  readonly cpuMs: number
}

async function timesInProcess(way: string, path: string): Promise<Times> {
  const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), way, path])
  return JSON.parse(stdout) as Times
}

function least(times: readonly Times[]): Times {
  return {
    ms: Math.min(...times.map(({ ms }) => ms)),
    cpuMs: Math.min(...times.map(({ cpuMs }) => cpuMs)),
  }
}

async function timeOf(work: (path: string) => Promise<unknown>): Promise<void> {
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
  await work(process.argv[3] ?? '')
  const { user, system } = process.cpuUsage(cpuBefore)
  console.log(JSON.stringify({ ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 }))
}

async function open(path: string): Promise<void> {
  const journal = await JournalFile.open(path)
  const store = await ActionStore.open(journal, systemClock)
  const { counts, total } = store.get(actionId).summary
  if (counts.succeeded !== total) throw new Error('Not everything was read.')
  await journal.close()
}

async function readPlainly(path: string): Promise<void> {
  let head = '0'.repeat(64)
  for (const line of (await readFile(path, 'utf8')).split('\n').slice(0, -1)) {
    const json = line.slice(65)
    head = hash('sha256', head + json, 'hex')
    if (head !== line.slice(0, 64)) throw new Error('The chain is broken.')
    JSON.parse(json)
  }
}

/** What a reboot leaves: each device was asked, has said yes, and has proven it. */
async function write(path: string, devices: number): Promise<number> {
  const journal = await JournalFile.open(path)
  for await (const records of journal.read())
    if (records.length > 0) throw new Error('The journal is not new.')
  let last: Promise<void> = Promise.resolve()
  for (const record of recordsOf(devices)) last = journal.append(record)
  await last
  const { length } = journal
  await journal.close()
  return length
}

function* recordsOf(devices: number): Generator<JournalRecord> {
  const deviceIds = manyDevices(devices)
  const about = {
    hubId: HubId.parse('hub-1'),
    hubName: 'Plant',
    hostName: 'plant.azure-devices.net',
    by: 'kim',
  }
  const parameters = { kind: 'reboot' as const }
  yield { type: 'action', at: instant(0), actionId, parameters, ...about, deadlineMs: 600_000, deviceIds }
  for (const name of ['send', 'accept', 'succeed'] as const)
    for (const [number, deviceId] of deviceIds.entries()) {
      const at = instant(number)
      const proof = {
        kind: 'boot-id' as const,
        bootIdBefore: bootId(number, 'a'),
        bootIdAfter: bootId(number, 'b'),
      }
      const evidence = name === 'succeed' ? { evidence: { ...proof, downMs: 60_000, readAt: at } } : {}
      yield { type: 'target', at, actionId, deviceId, name, ...evidence }
    }
}

function instant(number: number): string {
  return new Date(Date.parse('2026-11-23T10:00:00.000Z') + number * 7).toISOString()
}

function bootId(number: number, life: string): string {
  return `${String(number).padStart(8, '0')}-0000-4000-8000-00000000000${life}`
}
