import type { Policy } from './policies.ts'
import type { SasToken } from './sas-token.ts'

/** A token whose signature was found good. It may have expired since, and may be for something else. */
export interface VerifiedToken {
  readonly token: SasToken
  readonly policy: Policy
}

/** Tokens of back ends are good for an hour, and an SDK makes a new one every second at most. */
const mostTokens = 256

/** Remembers the last tokens that were verified, because a busy client sends the same one again and again. */
export class VerifiedTokens {
  readonly #tokens = new Map<string, VerifiedToken>()

  /** `verify` answers `undefined` for a bad token, which is verified anew each time. */
  find(text: string, verify: () => VerifiedToken | undefined): VerifiedToken | undefined {
    const known = this.#tokens.get(text)
    if (known) return known
    const verified = verify()
    if (verified) this.#remember(text, verified)
    return verified
  }

  #remember(text: string, verified: VerifiedToken): void {
    const [oldest] = this.#tokens.keys()
    if (this.#tokens.size >= mostTokens && oldest !== undefined) this.#tokens.delete(oldest)
    this.#tokens.set(text, verified)
  }
}
