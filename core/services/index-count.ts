import { AppError } from '../../contract/errors.ts'
import { isReportedKind, type ReportedKind } from '../domain/report-query.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import { Sleeper } from './sleeper.ts'

/** One query each so often: a tenth of what one unit allows, and one billed message however many devices there are. */
const everyMs = 30_000
/** Fewer than these are looked at one by one so soon that the index of the hub would tell nothing new. */
const fewest = 50

/**
 * Asks the index of the hub now and then how many devices say what under the id of an action, where each look at a twin
 * is billed and most devices are looked at only when they should be done. It lags, so it is a figure beside the targets
 * with an age of its own: it changes no target, and decides nothing.
 */
export class IndexCount {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #sleeper: Sleeper

  constructor(tools: RunnerTools, action: ActionRecord) {
    this.#tools = tools
    this.#action = action
    this.#sleeper = new Sleeper(tools.clock)
  }

  /** Goes on until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { kind } = this.#action.started.parameters
    if (!isReportedKind(kind) || !this.#tools.pace.looking.isBilled) return
    const wake = (): void => this.#sleeper.wake()
    const stopListening = this.#action.onChange(wake)
    signal.addEventListener('abort', wake)
    while (!signal.aborted) {
      if (this.#isIdle) await this.#sleeper.sleep()
      else await this.#countLater(kind, signal)
    }
    signal.removeEventListener('abort', wake)
    stopListening()
  }

  /** Nobody needs the figure where few devices are followed, or the hub tells what each reports. */
  get #isIdle(): boolean {
    return this.#action.targets.counts.working < fewest || this.#tools.isTold()
  }

  async #countLater(kind: ReportedKind, signal: AbortSignal): Promise<void> {
    await this.#tools.clock.wait(everyMs, signal)
    if (!signal.aborted && !this.#isIdle) await this.#count(kind, signal)
  }

  async #count(kind: ReportedKind, signal: AbortSignal): Promise<void> {
    const { gateway, clock, log, store } = this.#tools
    try {
      const { actionId } = this.#action.started
      const statuses = await (await gateway(signal)).countReports({ kind, actionId }, signal)
      this.#action.index({ asOf: clock.now().toISOString(), statuses: [...statuses] })
      store.notify()
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      // Nothing depends on it: what is shown grows older, and says so.
      log.warn('index-count-failed', { code: error.code })
    }
  }
}
