import { connectionStringsOf, parseParentMessage } from './hub-messages.ts'
import type { HubMessage, HubProcessOptions } from './hub-messages.ts'
import { parentChannel } from './parent-channel.ts'
import type { ParentChannel } from './parent-channel.ts'
import { startHubAndFleet } from './running-hub.ts'
import type { RunningHub } from './running-hub.ts'

/**
 * The hub in a process of its own, never beside real credentials: a child of Electron's `utilityProcess` or of
 * `child_process.fork`. It ends when the parent says so, or is gone.
 */
function serve(channel: ParentChannel): void {
  let running: Promise<RunningHub> | undefined

  channel.onMessage((received) => {
    try {
      const message = parseParentMessage(received)
      if (message.type === 'stop') end()
      else if (running) send({ type: 'failed', message: 'The hub has been started already.' })
      else start(message.options)
    } catch (error) {
      send({ type: 'failed', message: messageOf(error) })
    }
  })
  channel.onClose(end)

  function start(options: HubProcessOptions): void {
    running = startHubAndFleet(options)
    running.then(
      ({ hub }) => {
        const { hostName, httpsPort, mqttsPort, amqpsPort, caCertificate } = hub
        const connectionString = hub.serviceConnectionString()
        const connectionStrings = connectionStringsOf((policy) => hub.serviceConnectionString(policy))
        send({
          type: 'ready',
          hostName,
          httpsPort,
          mqttsPort,
          amqpsPort,
          caCertificate,
          connectionString,
          connectionStrings,
          eventHubsConnectionString: hub.eventHubsConnectionString(),
        })
      },
      (error: unknown) => {
        running = undefined
        send({ type: 'failed', message: messageOf(error) })
      },
    )
  }

  function end(): void {
    stop(running).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }

  function send(message: HubMessage): void {
    channel.send(message)
  }
}

async function stop(running: Promise<RunningHub> | undefined): Promise<void> {
  const hub = await running
  await hub?.stop()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const channel = parentChannel()
if (channel) serve(channel)
else process.exitCode = 1
