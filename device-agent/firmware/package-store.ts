import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../ports/clock.ts'
import { defaultDownloadLimits, downloadPackage, type DownloadLimits } from './download.ts'
import { hashFile } from './file-hash.ts'
import type { PackageStore } from './firmware-parts.ts'
import type { PackageConnection } from './package-source.ts'
import { removePartialFile } from './partial-file.ts'
import { FirmwareError } from './problem.ts'
import { fetchRelease } from './release.ts'

export interface PackageStoreOptions {
  /** Holds one package at a time, and nothing else. */
  readonly folder: string
  /** Where root keeps a second copy of what is signed, if it installs here. */
  readonly installerFolder?: string | undefined
  readonly connection: PackageConnection
  readonly clock: Clock
  readonly random: () => number
  readonly limits?: DownloadLimits
}

/** Of an agent with this state folder. */
export function downloadFolder(stateFolder: string): string {
  return join(stateFolder, 'firmware/download')
}

export function packagePath(folder: string): string {
  return join(folder, 'package')
}

export function packageStore(options: PackageStoreOptions): PackageStore {
  const { folder, installerFolder, connection, clock, random, limits = defaultDownloadLimits } = options
  const path = packagePath(folder)
  return {
    async fetch({ address, size, sha256, sequence }, { bootId, signal, onProgress }) {
      const download = {
        ...{ address, size, sha256, folder, bootId, connection, limits, clock, random },
        copyFolder: sequence === undefined ? undefined : installerFolder,
        onProgress: (received: number, total: number | undefined) => {
          if (total !== undefined) onProgress((received / total) * 100)
        },
      }
      await downloadPackage(download, signal)
    },
    findRelease: (address, { bootId, signal }) => {
      const place = { address, folder: join(folder, 'release'), bootId }
      return fetchRelease({ ...place, connection, limits, clock, random }, signal)
    },
    async verify({ size, sha256 }) {
      const found = await stat(path).catch(() => undefined)
      if (found === undefined)
        throw new FirmwareError('wrong-size', 'the package is not on the disk any more')
      if (size !== undefined && found.size !== size)
        throw new FirmwareError('wrong-size', `the disk has ${found.size} bytes of ${size}`)
      // What the disk gives back is what will be installed.
      if (sha256 !== undefined && (await hashFile(path)).digest('hex') !== sha256)
        throw new FirmwareError('wrong-hash', 'the disk does not give back what was written to it')
    },
    describe: ({ version = '', sha256 = '', size = 0 }) => ({ path, version, sha256, size }),
    discard: () => removePartialFile(folder),
  }
}
