import type { Protection } from '../../contract/app/hub.ts'

/** Seals secrets with what the operating system offers for it. */
export interface SecretStore {
  /** `session` when the system offers no real protection: then nothing may be written to disk, sealed or not. */
  protection(): Promise<Protection>
  /** Text that only this user on this machine can open again. Throws where `protection` is `session`. */
  seal(secret: string): Promise<string>
  /** Throws when the text was sealed elsewhere, or is damaged. */
  open(sealed: string): Promise<string>
}
