/** When what the hub has been told is safe from a crash. Nothing that depends on it may leave the hub before. */
export interface Durability {
  /** `undefined` when nothing is waiting; else resolves when all changes until now are kept, rejects when they cannot be. */
  settled(): Promise<void> | undefined
}

/** A hub that keeps nothing has nothing to wait for. */
export const inMemoryOnly: Durability = { settled: () => undefined }
