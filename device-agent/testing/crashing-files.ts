import type { Files, OpenFile } from '../ports/files.ts'

/** What a crash leaves: `kill` ends the process alone, `cut` loses what was not synced, in whole or in part. */
export type Crash = 'kill' | 'cut'

interface Content {
  /** What survives a power cut for sure. */
  durable: string
  /** What the running system reads. */
  current: string
}

type Pending = (names: Map<string, Content>) => void

/**
 * A file system in memory that dies before its n-th operation. Until they are synced, contents and names are held
 * apart from what is durable; a power cut then keeps any of them, in any combination, and tears contents.
 */
export class CrashingFiles implements Files {
  operations = 0
  /** The number of the operation before which it dies; it is born again by `recover`. */
  crashAt = Infinity
  isDead = false
  onCrash: () => void = () => undefined
  readonly #random: () => number
  #names = new Map<string, Content>()
  #durableNames = new Map<string, Content>()
  #pending: Pending[] = []

  constructor(random: () => number) {
    this.#random = random
  }

  /** The disk as the next start finds it. */
  recover(crash: Crash): void {
    this.isDead = false
    this.crashAt = Infinity
    if (crash === 'kill') return
    for (const apply of this.#pending) if (this.#random() < 0.5) apply(this.#durableNames)
    this.#pending = []
    this.#names = new Map()
    for (const [name, content] of this.#durableNames) {
      const left = this.#surviving(content)
      this.#names.set(name, { durable: left, current: left })
    }
    this.#durableNames = new Map(this.#names)
  }

  read(path: string): Promise<string | undefined> {
    // Reading changes nothing, so that a death before it is the death before what comes next.
    return Promise.resolve(this.#names.get(path)?.current)
  }

  async create(path: string): Promise<OpenFile> {
    await this.#step()
    const content: Content = this.#names.get(path) ?? { durable: '', current: '' }
    if (!this.#names.has(path)) this.#rename((names) => names.set(path, content))
    content.current = ''
    return {
      write: async (text) => {
        await this.#step()
        content.current += text
      },
      sync: async () => {
        await this.#step()
        content.durable = content.current
      },
      close: () => Promise.resolve(),
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step()
    const content = this.#names.get(from)
    if (content === undefined) throw new Error(`no ${from}`)
    this.#rename((names) => {
      names.set(to, content)
      names.delete(from)
    })
  }

  makeFolder(): Promise<void> {
    return Promise.resolve()
  }

  async syncFolder(): Promise<void> {
    await this.#step()
    for (const apply of this.#pending) apply(this.#durableNames)
    this.#pending = []
  }

  #rename(change: Pending): void {
    change(this.#names)
    this.#pending.push(change)
  }

  /** What is durable, what was written since, or the beginning of that, cut between two sectors or anywhere. */
  #surviving({ durable, current }: Content): string {
    if (durable === current) return durable
    const choice = Math.floor(this.#random() * 4)
    if (choice === 0) return durable
    if (choice === 1) return current
    const at = Math.floor(this.#random() * current.length)
    return choice === 2
      ? current.slice(0, at)
      : current.slice(0, at - (at % 512)) + durable.slice(at - (at % 512))
  }

  async #step(): Promise<void> {
    this.operations += 1
    if (!this.isDead && this.operations >= this.crashAt) {
      this.isDead = true
      this.onCrash()
    }
    // A process that is dead does nothing more; it only has not noticed yet.
    if (this.isDead) throw new Error('the power is gone')
    await Promise.resolve()
  }
}
