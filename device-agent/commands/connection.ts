import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { clockFile } from '../adapters/clock-file.ts'
import { connectionRecord } from '../adapters/connection-record.ts'
import { correctedClock } from '../adapters/corrected-clock.ts'
import { hubTime } from '../adapters/hub-time.ts'
import { openHubConnection } from '../adapters/iot-hub-client.ts'
import { network, proxyOf, type Network } from '../adapters/network.ts'
import { systemClock, writtenAt } from '../adapters/system-clock.ts'
import { hubConnector } from '../hub-connector.ts'
import type { AgentOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectToHub } from '../ports/hub-connection.ts'
import { timeKeeper, type TimeKeeper } from '../time-keeper.ts'
import { identityOf, type Surroundings } from './identity.ts'

/** What the agent needs of the world outside this machine. */
export interface Connection {
  readonly connect: ConnectToHub
  /** Right once the hub has said what time it is, whatever this machine's clock says. */
  readonly clock: Clock
  readonly time: TimeKeeper
  /** For downloads. */
  readonly network: Network
}

/** Reads all that is needed to connect. Rejects, with the file, when something is missing or wrong; asks nobody yet. */
export async function prepareConnection(
  options: AgentOptions,
  surroundings: Surroundings,
): Promise<Connection> {
  const { log } = surroundings
  const outside = await networkOf(options, surroundings)
  const times = await clockFile(options.stateFolder)
  const clock = correctedClock(systemClock, Math.max(times.known ?? 0, writtenAt))
  const record = await connectionRecord(options.stateFolder)
  const identity = await identityOf(options, { ...surroundings, outside, clock, record })
  const timeOf = (host: string) => hubTime(host, outside)
  const time = timeKeeper({ clock, timeOf, isClockKept, record: times, log })
  const connect = hubConnector({
    ...{ identity, record, clock, log },
    allowed: outside.isProxied(identity.host) ? ['mqtt-websocket'] : options.connection.allowed,
    time,
    open: (who, handlers, attempt) => {
      const route = { ...attempt, network: outside }
      return openHubConnection({ identity: who, handlers, route }, { clock, log })
    },
  })
  return { connect, clock, time, network: outside }
}

/** Of systemd-timesyncd, once it has set the clock since the machine's start; see systemd-timesyncd.service(8). */
function isClockKept(): boolean {
  return existsSync('/run/systemd/timesync/synchronized')
}

async function networkOf(
  { caFile, connection }: AgentOptions,
  { environment, log }: Surroundings,
): Promise<Network> {
  const { proxy, extraCaFile, webSocketGateway } = connection
  const fromEnvironment = proxyOf(environment)
  return network({
    ...fromEnvironment,
    ...(proxy !== undefined && { proxy }),
    ca: await contentOf(caFile),
    extraCa: await contentOf(extraCaFile),
    webSocketGateway,
    onProxyRefusal: (status) => {
      log('proxy-refused', { status })
    },
  })
}

function contentOf(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? Promise.resolve(undefined) : readFile(file, 'utf8')
}
