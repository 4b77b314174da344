import type { AppApi } from '../../contract/app/api.ts'
import type { MappedDialect } from '../../contract/app/mapping.ts'
import type { Handlers } from '../../contract/rpc/contract.ts'
import type { DialectRules } from '../domain/dialects/dialect.ts'
import { mappedDialects, MappingFile, summarise } from '../domain/dialects/mapped.ts'
import { builtInDialects } from '../domain/dialects/recognise.ts'
import { readJsonFile } from '../domain/json-place.ts'
import type { Desktop } from '../ports/desktop.ts'
import type { Log } from '../ports/log.ts'
import type { MappingStore } from '../ports/mapping-store.ts'
import { Signal } from './signal.ts'

interface DialectTools {
  readonly store: MappingStore
  readonly desktop: Desktop
  readonly log: Log
}

const mappingKind = { name: 'Drover dialects', extension: 'json' }
const none: MappingFile = { format: 'drover-dialects', version: 1, dialects: [] }

/** How the devices of all hubs speak: the families that Drover knows, and those of the user's own file before them. */
export class DialectService {
  readonly #tools: DialectTools
  readonly #changed = new Signal()
  #mapping: MappingFile = none
  #dialects: readonly DialectRules[] = builtInDialects

  private constructor(tools: DialectTools) {
    this.#tools = tools
  }

  /** A mapping file that this version does not understand is left alone, and the families that Drover knows remain. */
  static async open(tools: DialectTools): Promise<DialectService> {
    const service = new DialectService(tools)
    const text = await tools.store.load()
    try {
      if (text !== undefined) service.#use(readJsonFile(MappingFile, { name: 'the mapping file', text }))
    } catch (error) {
      tools.log.bug('mapping-not-read', error)
    }
    return service
  }

  get handlers(): Handlers<AppApi>['dialects'] {
    return { list: (_, signal) => this.list(signal), open: () => this.openFile() }
  }

  /** The first that recognises a device is its own. */
  all(): readonly DialectRules[] {
    return this.#dialects
  }

  async *list(signal: AbortSignal): AsyncGenerator<MappedDialect[]> {
    let told: MappingFile | undefined
    while (!signal.aborted) {
      if (told !== this.#mapping) yield summarise((told = this.#mapping))
      if (told === this.#mapping) await this.#changed.next(signal)
    }
  }

  /** Errors: `invalid-input` that names the line of a mistake; then what was in use stays. */
  async openFile(): Promise<{ isTaken: boolean }> {
    const { desktop, store } = this.#tools
    const file = await desktop.openFile(mappingKind)
    if (!file) return { isTaken: false }
    const mapping = readJsonFile(MappingFile, file)
    await store.save(file.text)
    this.#use(mapping)
    return { isTaken: true }
  }

  #use(mapping: MappingFile): void {
    this.#mapping = mapping
    this.#dialects = [...mappedDialects(mapping), ...builtInDialects]
    this.#changed.notify()
  }
}
