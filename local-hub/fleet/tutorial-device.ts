import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import type { Behaviour } from './fleet-device.ts'
import type { DeviceParts } from './device-parts.ts'

type Tutorial = Extract<Behaviour, { type: 'tutorial' }>

/** After a lost connection; the fleet is small enough to come back at once. */
const retryMs = 1_000

/** The SDK may never call back after a report. */
const reportDeadlineMs = 2_000

/**
 * The device of "Get started with device management": it knows no action id and proves nothing. It reports the
 * time of the reboot when the method arrives, and then is away for a while. Ends when `signal` is aborted.
 */
export async function runTutorialDevice(
  parts: DeviceParts,
  behaviour: Tutorial,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const awayMs = await live(parts, behaviour, signal)
    await delay(awayMs, undefined, { signal }).catch(() => undefined)
  }
}

/** One connection, from its start to its end. Resolves with how long the device then is away. */
async function live(parts: DeviceParts, behaviour: Tutorial, signal: AbortSignal): Promise<number> {
  const client = Client.fromConnectionString(parts.connectionString, Mqtt)
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => 0 })
  const ended = Promise.withResolvers<number>()
  const stop = () => {
    ended.resolve(0)
  }
  signal.addEventListener('abort', stop, { once: true })
  client.on('disconnect', () => {
    ended.resolve(retryMs)
  })
  client.on('error', () => {
    ended.resolve(retryMs)
  })
  try {
    await client.setOptions({ ca: parts.caCertificate })
    await client.open()
    client.onDeviceMethod('reboot', (_request, response) => {
      const rebooted = response
        .send(200, 'Reboot started')
        .then(() => Promise.race([report(client, behaviour), delay(reportDeadlineMs)]))
      rebooted.then(
        () => {
          ended.resolve(behaviour.downMs)
        },
        () => {
          ended.resolve(retryMs)
        },
      )
    })
    parts.log('connected')
    return await ended.promise
  } catch (error) {
    parts.log('disconnected', { cause: error instanceof Error ? error.message : String(error) })
    return retryMs
  } finally {
    signal.removeEventListener('abort', stop)
    await client.close().catch(() => undefined)
  }
}

async function report(client: Client, { property }: Tutorial): Promise<void> {
  const patch = { iothubDM: { reboot: { [property]: new Date().toISOString() } } }
  const twin = await client.getTwin()
  const reported = twin.properties.reported as {
    update(patch: object, done: (error?: Error | null) => void): void
  }
  await new Promise<void>((resolve, reject) => {
    reported.update(patch, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
