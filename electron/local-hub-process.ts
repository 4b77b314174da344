import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { LocalHubAccess, LocalHubProcess } from '../core/ports/local-hub-process.ts'

/** What is used of Electron's UtilityProcess. */
export interface HubChild {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  kill(): boolean
}

export interface LocalHubOptions {
  /** Starts the hub's program in a process of its own. */
  readonly fork: () => HubChild
  /** How long the hub may take to start, and to end. Milliseconds. */
  readonly startMs?: number
  readonly stopMs?: number
}

const Answer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    hostName: z.string(),
    httpsPort: z.number().int(),
    caCertificate: z.string(),
    // No more rights than a careful administrator would give.
    connectionStrings: z.object({ serviceAndRegistryRead: z.string() }),
  }),
  z.object({ type: z.literal('failed'), message: z.string() }),
])

/** The hub on this machine, with the demo fleet, one process at a time. */
export function createLocalHubProcess({
  fork,
  startMs = 60_000,
  stopMs = 3_000,
}: LocalHubOptions): LocalHubProcess {
  const exitListeners = new Set<() => void>()
  let running: HubRun | undefined

  return {
    async start(scenario) {
      await running?.stop(stopMs)
      const run = new HubRun(fork())
      running = run
      const access = await withScenarioFile(scenario, (fleet) => run.start(fleet, startMs))
      void run.exited.then(() => {
        if (!run.isStopping) for (const listener of exitListeners) listener()
      })
      return access
    },
    onExit: (listener) => void exitListeners.add(listener),
    async stop() {
      await running?.stop(stopMs)
    },
  }
}

/** One life of the hub's process. */
class HubRun {
  readonly exited: Promise<number>
  readonly #child: HubChild
  #isStopping = false

  constructor(child: HubChild) {
    this.#child = child
    this.exited = new Promise((resolve) => void child.on('exit', resolve))
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  async start(fleet: FleetOption, limitMs: number): Promise<LocalHubAccess> {
    const answered = new Promise<unknown>((resolve) => void this.#child.on('message', resolve))
    this.#child.postMessage({ type: 'start', options: { fleet } })
    const ended = this.exited.then((code) => ({ type: 'failed', message: `It ended with code ${code}.` }))
    const late = { type: 'failed', message: 'It did not answer in time.' }
    const answer = Answer.safeParse(await within(limitMs, Promise.race([answered, ended]), late))
    if (answer.data?.type === 'ready') {
      const { hostName, httpsPort, caCertificate, connectionStrings } = answer.data
      return {
        hostName,
        httpsPort,
        caCertificate,
        connectionString: connectionStrings.serviceAndRegistryRead,
      }
    }
    this.#end()
    const reason = answer.data?.message ?? 'It answered what nobody understands.'
    throw new Error(`The local hub could not start. ${reason}`)
  }

  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true
    this.#child.postMessage({ type: 'stop' })
    const hasEnded = await within(
      limitMs,
      this.exited.then(() => true),
      false,
    )
    if (!hasEnded) this.#end()
    await this.exited
  }

  #end(): void {
    this.#isStopping = true
    this.#child.kill()
  }
}

type FleetOption = { readonly name: 'demo' } | { readonly scenarioFile: string }

/** The hub reads its scenario from a file, which is there until the hub has started. */
async function withScenarioFile<T>(
  scenario: object | undefined,
  start: (fleet: FleetOption) => Promise<T>,
): Promise<T> {
  if (!scenario) return start({ name: 'demo' })
  const folder = await mkdtemp(join(tmpdir(), 'drover-rehearsal-'))
  try {
    const scenarioFile = join(folder, 'scenario.json')
    await writeFile(scenarioFile, JSON.stringify(scenario))
    return await start({ scenarioFile })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The value of the promise, or `otherwise` when it takes longer. */
function within<T>(limitMs: number, promise: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(otherwise), limitMs)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** What the hub's process may know of its surroundings: where to find programs and temporary files, and no secret. */
export function minimalEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const allowed = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'USERPROFILE']
  return Object.fromEntries(allowed.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])))
}
