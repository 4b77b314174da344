import type {
  ExportFormat,
  JournalCheck,
  JournalEntry,
  JournalPage,
  JournalPageRequest,
  Saved,
} from '../../contract/app/journal.ts'
import { problemOf } from '../../contract/app/problem.ts'
import type { ActionId } from '../../contract/app/ids.ts'
import type { AppApi } from '../../contract/app/api.ts'
import { fault } from '../../contract/faults.ts'
import type { Handlers } from '../../contract/rpc/contract.ts'
import { columns, missingCells, toCells } from '../domain/journal-cells.ts'
import { toEntry } from '../domain/journal-entry.ts'
import { notReturned, type NotReturned } from '../domain/not-returned.ts'
import type { Clock } from '../ports/clock.ts'
import type { Desktop, FileKind } from '../ports/desktop.ts'
import type { Journal, NumberedRecord } from '../ports/journal.ts'
import type { WriteCsvRow } from '../ports/table-writer.ts'
import type { ActionStore } from './action-store.ts'

interface JournalTools {
  readonly journal: Journal
  readonly store: ActionStore
  readonly desktop: Desktop
  readonly clock: Clock
  readonly writeCsvRow: WriteCsvRow
}

const fileKinds: Readonly<Record<ExportFormat, FileKind>> = {
  csv: { name: 'CSV', extension: 'csv' },
  json: { name: 'JSON', extension: 'json' },
}

/** What the window asks about the journal. */
export class JournalService {
  readonly #tools: JournalTools

  constructor(tools: JournalTools) {
    this.#tools = tools
  }

  get handlers(): Handlers<AppApi>['journal'] {
    return {
      page: (request) => this.page(request),
      length: (_, signal) => this.length(signal),
      verify: () => this.verify(),
      export: (wanted) => this.export(wanted),
    }
  }

  async page({ before, limit, hubId, actionId, deviceId }: JournalPageRequest): Promise<JournalPage> {
    const { journal, store } = this.#tools
    const entries: JournalEntry[] = []
    for await (const numbered of journal.readBackwards(before ?? Infinity, { actionId, deviceId })) {
      const { started } = store.get(numbered.record.actionId)
      if (hubId === undefined || started.hubId === hubId) entries.push(toEntry(numbered, started))
      if (entries.length === limit) break
    }
    return { entries, total: journal.length }
  }

  async *length(signal: AbortSignal): AsyncGenerator<number> {
    const { journal, store } = this.#tools
    let told: number | undefined
    while (!signal.aborted) {
      const { version } = store
      if (told !== journal.length) yield (told = journal.length)
      if (store.version === version && told === journal.length) await store.changed.next(signal)
    }
  }

  async verify(): Promise<JournalCheck> {
    const check = await this.#tools.journal.verify()
    if (check.isWhole) return check
    const problem = problemOf(fault('journal-broken', { number: check.firstWrong }))
    return { isWhole: false, firstWrong: check.firstWrong, problem }
  }

  async export({
    format,
    actionId,
  }: {
    format: ExportFormat
    actionId?: ActionId | undefined
  }): Promise<Saved> {
    const { desktop, clock, journal } = this.#tools
    const records = journal.readForwards({ actionId })
    const day = clock.now().toISOString().slice(0, 10)
    const fileName = await desktop.saveFile({
      suggestedName: `drover-journal-${day}.${fileKinds[format].extension}`,
      kind: fileKinds[format],
      content: format === 'csv' ? this.#csv(records, actionId) : json(records, this.#missing(actionId)),
    })
    return fileName === undefined ? { isSaved: false } : { isSaved: true, fileName }
  }

  /** Who did not come back, as far as it is known now: of one action or of all. */
  *#missing(actionId: ActionId | undefined): Generator<NotReturned & { readonly actionId: ActionId }> {
    const { store } = this.#tools
    const ids = actionId === undefined ? store.summaries().map((each) => each.actionId) : [actionId]
    for (const id of ids) {
      const { started, targets } = store.get(id)
      for (const missing of notReturned(targets.values(), started.deadlineMs))
        yield { actionId: id, ...missing }
    }
  }

  async *#csv(
    records: AsyncIterable<NumberedRecord>,
    actionId: ActionId | undefined,
  ): AsyncGenerator<string> {
    const { store, writeCsvRow } = this.#tools
    // Excel takes a file without this mark for one of its own code page.
    yield '\uFEFF'
    yield writeCsvRow(columns)
    for await (const numbered of records) {
      yield writeCsvRow(toCells(numbered, store.get(numbered.record.actionId).started))
    }
    for (const missing of this.#missing(actionId))
      yield writeCsvRow(missingCells(missing, store.get(missing.actionId).started))
  }
}

async function* json(
  records: AsyncIterable<NumberedRecord>,
  missing: Iterable<NotReturned>,
): AsyncGenerator<string> {
  yield '{ "format": "drover-journal", "version": 1, "records": ['
  let separator = '\n'
  for await (const { number, record } of records) {
    yield `${separator}${JSON.stringify({ number, ...record })}`
    separator = ',\n'
  }
  yield '\n], "notReturned": ['
  separator = '\n'
  for (const each of missing) {
    yield `${separator}${JSON.stringify(each)}`
    separator = ',\n'
  }
  yield '\n] }\n'
}
