import type { SafeStorage } from 'electron'
import type { Protection } from '../contract/app/hub.ts'
import type { SecretStore } from '../core/ports/secret-store.ts'

/** The asynchronous half of safeStorage; the synchronous one is deprecated. */
export type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>

/** `basic_text` is a password that everyone knows, yet Electron calls it available. */
const linuxKeyrings: readonly string[] = ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6']

/** Seals secrets with the operating system's keyring, or not at all. */
export function createSecretStore(storage: Storage, platform: NodeJS.Platform): SecretStore {
  async function protection(): Promise<Protection> {
    try {
      if (!(await storage.isAsyncEncryptionAvailable())) return 'session'
      if (platform !== 'linux') return 'kept'
      return linuxKeyrings.includes(storage.getSelectedStorageBackend()) ? 'kept' : 'session'
    } catch {
      // A keyring that cannot even say whether it is there protects nothing.
      return 'session'
    }
  }

  async function requireProtection(): Promise<void> {
    if ((await protection()) === 'session') throw new Error('This system offers no protection for secrets.')
  }

  return {
    protection,
    async seal(secret) {
      await requireProtection()
      return (await storage.encryptStringAsync(secret)).toString('base64')
    },
    async open(sealed) {
      await requireProtection()
      return (await storage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result
    },
  }
}
