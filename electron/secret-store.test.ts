import { describe, expect, test } from 'vitest'
import { createSecretStore, type Storage } from './secret-store.ts'

type Backend = ReturnType<Storage['getSelectedStorageBackend']>

/** A keyring that turns the bytes around: enough to see that something was sealed. */
function fakeStorage(options: { isAvailable?: boolean; backend?: Backend } = {}): Storage {
  const { isAvailable = true, backend = 'gnome_libsecret' } = options
  return {
    isAsyncEncryptionAvailable: () => Promise.resolve(isAvailable),
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: (text) => Promise.resolve(Buffer.from(text, 'utf8').reverse()),
    decryptStringAsync: (bytes) => {
      const result = Buffer.from(bytes).reverse().toString('utf8')
      return result.startsWith('HostName=')
        ? Promise.resolve({ result, shouldReEncrypt: false })
        : Promise.reject(new Error('Error while decrypting the ciphertext.'))
    },
  }
}

const secret = 'HostName=h;SharedAccessKey=abc='

describe('a secret is kept', () => {
  test.each(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'] as const)(
    'by %s on Linux',
    async (backend) => {
      const store = createSecretStore(fakeStorage({ backend }), 'linux')
      expect(await store.protection()).toBe('kept')
      const sealed = await store.seal(secret)
      expect(sealed).not.toContain('abc')
      expect(await store.open(sealed)).toBe(secret)
    },
  )

  test.each(['darwin', 'win32'] as const)('on %s, which has one keyring and names none', async (platform) => {
    const storage: Storage = {
      ...fakeStorage(),
      getSelectedStorageBackend: () => {
        throw new TypeError('getSelectedStorageBackend is not a function')
      },
    }
    expect(await createSecretStore(storage, platform).protection()).toBe('kept')
  })
})

describe('a secret stays in memory for the session', () => {
  const unsafe: [string, Storage][] = [
    ['the password is the one that everyone knows', fakeStorage({ backend: 'basic_text' })],
    ['the backend is unknown', fakeStorage({ backend: 'unknown' })],
    ['no encryption is available', fakeStorage({ isAvailable: false })],
    [
      'the keyring throws',
      { ...fakeStorage(), isAsyncEncryptionAvailable: () => Promise.reject(new Error('no D-Bus')) },
    ],
    [
      'the backend cannot be asked',
      {
        ...fakeStorage(),
        getSelectedStorageBackend: () => {
          throw new Error('no D-Bus')
        },
      },
    ],
  ]

  test.each(unsafe)('when %s: nothing is sealed or opened', async (_name, storage) => {
    const store = createSecretStore(storage, 'linux')
    expect(await store.protection()).toBe('session')
    await expect(store.seal(secret)).rejects.toThrow('no protection')
    await expect(store.open('c2VhbGVk')).rejects.toThrow('no protection')
  })
})

test('what was damaged does not open', async () => {
  const store = createSecretStore(fakeStorage(), 'linux')
  const sealed = await store.seal(secret)
  await expect(store.open(sealed.slice(0, -8))).rejects.toThrow('decrypting')
})
