import { ActionId, DeviceId } from '../../../contract/app/ids.ts'
import { createApplication, type Host } from '../../../core/application.ts'
import { localHubId } from '../../../core/services/hub-service.ts'
import { FakeDesktop } from '../../../core/testing/fake-desktop.ts'

/** What the test tells this program through its environment: where the hub is, and where to keep its files. */
interface Told {
  readonly access: Awaited<ReturnType<Host['localHub']['start']>>
  readonly dataFolder: string
  /** The devices to reboot; none to only look at what an earlier life left. */
  readonly deviceIds: readonly string[]
  /** Whether a person resumes what an earlier life left, and waits for its end. */
  readonly isToResume: boolean
}

const { access, dataFolder, deviceIds, isToResume } = JSON.parse(process.env['TOLD'] ?? '{}') as Told
const { signal } = new AbortController()
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  bug: (event: string, error: unknown) => console.error(event, error),
}

/** The core of the app as a process of its own, on a hub that outlives it. */
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
  localHub: { start: () => Promise.resolve(access), onExit: () => undefined, stop: () => Promise.resolve() },
})

for await (const { state } of handlers.devices.watch({ hubId: localHubId }, signal))
  if (state.kind === 'ready') break

if (deviceIds.length > 0) {
  const action = {
    hubId: localHubId,
    parameters: { kind: 'reboot' as const },
    deviceIds: deviceIds.map((id) => DeviceId.parse(id)),
    deadlineMs: 30_000,
  }
  const { actionId } = await handlers.actions.start(action, signal)
  process.send?.({ started: actionId })
} else {
  for await (const [newest] of handlers.actions.list({}, signal)) {
    if (!newest) break
    const actionId = ActionId.parse(newest.actionId)
    if (isToResume && newest.hold) await handlers.actions.resume({ actionId }, signal)
    if (isToResume) await untilSucceeded()
    await handlers.actions.checkAgain({ actionId }, signal)
    for await (const { targets } of handlers.actions.targets({ actionId }, signal)) {
      process.send?.({ actionId, targets })
      break
    }
    break
  }
}

async function untilSucceeded(): Promise<void> {
  for await (const [newest] of handlers.actions.list({}, signal)) if (newest?.status === 'succeeded') return
}
