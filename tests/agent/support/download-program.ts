import { systemClock } from '../../../device-agent/adapters/system-clock.ts'
import { defaultDownloadLimits, downloadPackage } from '../../../device-agent/firmware/download.ts'

/** Downloads a package as the agent does, and prints by how much its resident memory has grown, in MiB. */
const [address = '', folder = '', size = '', ca = ''] = process.argv.slice(2)
const before = process.resourceUsage().maxRSS
await downloadPackage(
  {
    ...{ address, folder, size: Number(size), sha256: undefined, bootId: 'boot-1' },
    connection: { requestOptions: () => ({ ca }) },
    ...{ limits: defaultDownloadLimits, clock: systemClock, random: Math.random },
  },
  new AbortController().signal,
)
console.log((process.resourceUsage().maxRSS - before) / 1024)
