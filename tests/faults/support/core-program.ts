import { flushCompileCache } from 'node:module'
import type { z } from 'zod'
import type { ActionSummary } from '../../../contract/app/action.ts'
import { ActionId, DeviceId } from '../../../contract/app/ids.ts'
import { createApplication, type Host } from '../../../core/application.ts'
import { localHubId } from '../../../core/services/hub-service.ts'
import { FakeDesktop } from '../../../core/testing/fake-desktop.ts'

/** What the test tells this program through its environment: where the hub is, and where to keep its files. */
export interface Told {
  readonly access: Awaited<ReturnType<Host['localHub']['start']>>
  readonly dataFolder: string
  /** The devices to reboot; none to only look at what an earlier life left. */
  readonly deviceIds: readonly string[]
  /** Whether a person resumes what an earlier life left, and waits for its end. */
  readonly isToResume?: boolean
}

const { access, dataFolder, deviceIds, isToResume = false } = JSON.parse(process.env['TOLD'] ?? '{}') as Told
const { signal } = new AbortController()
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  bug: (event: string, error: unknown) => console.error(event, error),
}

// Whoever is killed writes nothing down at its end.
flushCompileCache()

/** The core of the app as a process of its own, on a hub that outlives it. */
const hub = { start: () => Promise.resolve(access), onExit: () => undefined, stop: () => Promise.resolve() }
const { handlers } = await createApplication({
  version: '0',
  platform: process.platform,
  userName: 'test',
  dataFolder,
  log: quiet,
  desktop: new FakeDesktop(),
  secrets: {
    protection: () => Promise.resolve('session'),
    seal: () => Promise.reject(new Error('none')),
    open: () => Promise.reject(new Error('none')),
  },
  localHub: hub,
  rehearsalHub: hub,
})

for await (const { state } of handlers.devices.watch({ hubId: localHubId }, signal))
  if (state.kind === 'ready') break

type Summary = z.input<typeof ActionSummary>

if (isToResume) await goOn()
else if (deviceIds.length > 0) process.send?.({ started: await startAction() })
else await tell(await newestAction())

async function startAction(): Promise<ActionId> {
  const action = {
    hubId: localHubId,
    parameters: { kind: 'reboot' as const },
    deviceIds: deviceIds.map((id) => DeviceId.parse(id)),
    deadlineMs: 60_000,
  }
  return ActionId.parse((await handlers.actions.start(action, signal)).actionId)
}

async function newestAction(): Promise<Summary | undefined> {
  for await (const [newest] of handlers.actions.list({}, signal)) return newest
  return undefined
}

/** What an earlier life has left is resumed; where nothing is, the devices are rebooted. Tells when that has come to its end. */
async function goOn(): Promise<void> {
  const left = await newestAction()
  const isLeft = left !== undefined && (left.status !== 'succeeded' || deviceIds.length === 0)
  const actionId = isLeft ? ActionId.parse(left.actionId) : await startAction()
  if (isLeft && left.hold) await handlers.actions.resume({ actionId }, signal)
  process.send?.({ started: actionId })
  for await (const [newest] of handlers.actions.list({}, signal)) {
    if (newest?.status !== 'succeeded') continue
    await tell(newest)
    return
  }
}

async function tell(action: Summary | undefined): Promise<void> {
  if (!action) return
  const actionId = ActionId.parse(action.actionId)
  await handlers.actions.checkAgain({ actionId }, signal)
  const journal = await handlers.journal.verify({}, signal)
  for await (const { targets } of handlers.actions.targets({ actionId }, signal)) {
    process.send?.({ actionId, targets, journal })
    return
  }
}
