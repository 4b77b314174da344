import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { AgentState, emptyState } from '../domain/agent-state.ts'
import type { Files } from '../ports/files.ts'
import type { Log } from '../ports/log.ts'
import type { StateStore } from '../ports/state-store.ts'
import { writeDurably } from './durable-file.ts'
import { systemFiles } from './system-files.ts'

/** The first line of a copy; the record itself is the second. */
const Header = z.object({ counter: z.number().int().positive(), crc: z.number().int() })

interface Copy {
  readonly counter: number
  readonly state: AgentState
}

/**
 * Keeps the record in two copies, `agent-state.0` and `agent-state.1`, written in turn: when the newer one is torn,
 * the older one counts, and it is overwritten last.
 */
export function stateFile(folder: string, log: Log, files: Files = systemFiles): StateStore {
  const place = { folder, log, files }
  let counter: number | undefined

  async function load(): Promise<AgentState> {
    await files.makeFolder(folder)
    const newest = await readNewest(place)
    counter = newest?.counter ?? 0
    return newest?.state ?? emptyState
  }

  async function save(state: AgentState): Promise<void> {
    if (counter === undefined) throw new Error('load the record before it is saved')
    const next = counter + 1
    const body = JSON.stringify(state)
    const header = JSON.stringify({ counter: next, crc: crc32(body) })
    await writeDurably(join(folder, `agent-state.${next % 2}`), `${header}\n${body}\n`, files)
    counter = next
  }

  return { load, save }
}

/** The record as it is now, for someone who only looks; undefined when there is none yet. */
export async function readRecord(
  folder: string,
  log: Log,
  files: Pick<Files, 'read'> = systemFiles,
): Promise<AgentState | undefined> {
  return (await readNewest({ folder, log, files }))?.state
}

interface Place {
  readonly folder: string
  readonly log: Log
  readonly files: Pick<Files, 'read'>
}

async function readNewest(place: Place): Promise<Copy | undefined> {
  const paths = ['agent-state.0', 'agent-state.1'].map((name) => join(place.folder, name))
  const copies = await Promise.all(paths.map((path) => readCopy(path, place)))
  return copies.filter((copy) => copy !== undefined).sort((a, b) => b.counter - a.counter)[0]
}

/** A copy that is absent is no copy; one that is damaged is none either, but someone is told. */
async function readCopy(path: string, { files, log }: Place): Promise<Copy | undefined> {
  const text = await files.read(path)
  if (text === undefined) return undefined
  try {
    const [headerText = '', body = ''] = text.split('\n')
    const { counter, crc } = Header.parse(JSON.parse(headerText))
    if (crc32(body) !== crc) throw new Error('the checksum does not fit')
    return { counter, state: AgentState.parse(JSON.parse(body)) }
  } catch (error) {
    log('damaged-record', { file: path, problem: error instanceof Error ? error.message : String(error) })
    return undefined
  }
}
