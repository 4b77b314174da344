import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { helpText, parseCommandLine } from './command-line.ts'
import type { Command } from './command-line.ts'
import { PortUnavailable } from './listen.ts'
import type { LocalHub } from './local-hub.ts'
import { policyNames } from './security/policies.ts'
import { startHubAndFleet } from './running-hub.ts'

/** A mistake of the person at the keyboard, as opposed to one of ours. */
function isUserError(error: unknown): error is Error {
  const isBadOption =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  return isBadOption || error instanceof PortUnavailable || error instanceof RangeError
}

async function run(command: Command): Promise<void> {
  if (command.kind === 'help') {
    console.log(helpText)
    return
  }
  const running = await startHubAndFleet(command.options)
  const folder = await mkdtemp(join(tmpdir(), 'drover-hub-'))
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, running.hub.caCertificate)
  console.log(describe(running.hub, caFile))
  await interrupted()
  console.log('Stopping.')
  await running.stop()
  await rm(folder, { recursive: true })
}

function describe(hub: LocalHub, caFile: string): string {
  return [
    `Local hub ${hub.hostName} is running.`,
    `  service  https://127.0.0.1:${hub.httpsPort}`,
    `  devices  mqtts://127.0.0.1:${hub.mqttsPort}`,
    `  CA       ${caFile}`,
    '',
    'Connection strings:',
    ...policyNames.map((policy) => `  ${hub.serviceConnectionString(policy)}`),
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
