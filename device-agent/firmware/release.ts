import { readFile } from 'node:fs/promises'
import { FirmwarePayload } from '../../contract/device/firmware.ts'
import { downloadPackage, type Download } from './download.ts'
import { removePartialFile } from './partial-file.ts'
import type { FirmwareRequest } from './plan.ts'
import { FirmwareError, type FirmwareProblem } from './problem.ts'

/** A signed release lies beside its package, under the package's name with this behind it. */
export const releaseSuffix = '.release.json'

/** A manifest has 8 KiB at most; what says the same in other fields is short. */
const mostBytes = 16 * 1024

/** Nobody waits for hours for so little. */
const patienceMs = 10 * 60_000

/** What `drover-agent sign` prints. Where the package is was said by the call. */
const Release = FirmwarePayload.pick({
  ...{ fwVersion: true, sha256: true, size: true },
  ...{ keyId: true, signature: true, manifest: true },
}).required()

/** Whether the release beside the package may say what the call does not: it names an address, and nothing else. */
export function mayBeReleased(request: FirmwareRequest, { code }: FirmwareProblem): boolean {
  return code === 'unsigned' && Object.keys(request).every((name) => name === 'fwPackageUri')
}

/**
 * Gets the release that lies beside a package, to be judged like one that came with the call. Rejects with a
 * `FirmwareError` when there is none, or when aborted.
 */
export async function fetchRelease(
  download: Omit<Download, 'size' | 'sha256'>,
  signal: AbortSignal,
): Promise<FirmwareRequest> {
  const { address, folder, limits } = download
  const small = { ...limits, mostBytes, patienceMs: Math.min(limits.patienceMs, patienceMs) }
  const file = { ...download, address: releaseAddressOf(address), limits: small }
  try {
    const { path } = await downloadPackage({ ...file, size: undefined, sha256: undefined }, signal)
    return { ...readRelease(await readFile(path, 'utf8')), fwPackageUri: address }
  } catch (error) {
    throw error instanceof FirmwareError && error.code === 'refused-download'
      ? unsigned(error.message)
      : error
  } finally {
    await removePartialFile(folder)
  }
}

/** With the same query: a token is good for both. */
export function releaseAddressOf(address: string): string {
  const url = new URL(address)
  url.pathname += releaseSuffix
  return url.href
}

function readRelease(text: string): Omit<FirmwareRequest, 'fwPackageUri'> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unsigned('it is no JSON')
  }
  const parsed = Release.safeParse(value)
  if (!parsed.success)
    throw unsigned(`its ${parsed.error.issues[0]?.path.join('.') ?? ''} is missing or wrong`)
  return parsed.data
}

function unsigned(reason: string): FirmwareError {
  return new FirmwareError(
    'unsigned',
    `no signed release (*${releaseSuffix}) is beside the package: ${reason}`,
  )
}
