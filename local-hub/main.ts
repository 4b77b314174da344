import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { helpText, parseCommandLine } from './command-line.ts'
import type { Command } from './command-line.ts'
import { PortUnavailable } from './listen.ts'
import type { LocalHub } from './local-hub.ts'
import { DataFolderUnusable } from './store/data-folder-unusable.ts'
import { policyNames } from './security/policies.ts'

/** A mistake of the person at the keyboard, as opposed to one of ours. */
function isUserError(error: unknown): error is Error {
  const isBadOption =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  return (
    isBadOption ||
    error instanceof PortUnavailable ||
    error instanceof DataFolderUnusable ||
    error instanceof RangeError
  )
}

/** By npm, or as the one file that `npm run build` makes. */
function startedAs(): string {
  const file = basename(process.argv[1] ?? '')
  return file.endsWith('.mjs') ? `node ${file}` : 'npm run hub --'
}

async function run(command: Command): Promise<void> {
  if (command.kind === 'help') {
    console.log(helpText(startedAs()))
    return
  }
  // Whoever asks for help, or made a mistake, does not wait for a hub to be loaded.
  const { startHubAndFleet } = await import('./running-hub.ts')
  const running = await startHubAndFleet(command.options)
  const { caFile, forget } = await writeAuthority(running.hub.caCertificate, command.options.dataFolder)
  console.log(describe(running.hub, caFile))
  await interrupted()
  console.log('Stopping.')
  await running.stop()
  await forget()
}

/** Where the hub keeps its data, and stays, the certificate of its authority does too. */
async function writeAuthority(
  caCertificate: string,
  dataFolder: string | undefined,
): Promise<{ caFile: string; forget: () => Promise<void> }> {
  const folder = dataFolder ?? (await mkdtemp(join(tmpdir(), 'drover-hub-')))
  const caFile = resolve(folder, 'ca.pem')
  await writeFile(caFile, caCertificate)
  return {
    caFile,
    async forget() {
      if (dataFolder === undefined) await rm(folder, { recursive: true })
    },
  }
}

function describe(hub: LocalHub, caFile: string): string {
  return [
    `Local hub ${hub.hostName} is running.`,
    `  service  https://127.0.0.1:${hub.httpsPort}`,
    `  devices  mqtts://127.0.0.1:${hub.mqttsPort}`,
    `  AMQP     amqps://127.0.0.1:${hub.amqpsPort}`,
    `  CA       ${caFile}`,
    '',
    'Connection strings:',
    ...policyNames.map((policy) => `  ${hub.serviceConnectionString(policy)}`),
    '',
    'Built-in endpoint, for clients of Event Hubs:',
    `  ${hub.eventHubsConnectionString()}`,
    '',
    `A device needs GatewayHostName=localhost:${hub.mqttsPort} in its connection string, and the CA.`,
  ].join('\n')
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve()
      })
    }
  })
}

try {
  await run(parseCommandLine(process.argv.slice(2)))
} catch (error) {
  if (!isUserError(error)) throw error
  console.error(`${error.message}\nRun with --help to see the options.`)
  process.exitCode = 1
}
