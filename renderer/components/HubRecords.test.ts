import { enableAutoUnmount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HubJob } from '../../contract/app/job.ts'
import { AppError } from '../../contract/errors.ts'
import { useHubs } from '../stores/hubs.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, field, show, type } from '../testing/mount.ts'
import { hubProfile, localHubId } from '../testing/values.ts'
import HubSettingsDialog from './HubSettingsDialog.vue'
import JobsDialog from './JobsDialog.vue'
import MappingDialog from './MappingDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp

beforeEach(() => {
  app = fakeApp()
})

const jobs = [
  HubJob.parse({
    jobId: 'night-<b>tags</b>',
    type: 'scheduleUpdateTwin',
    status: 'completed',
    condition: "tags.site = 'seoul'",
    devices: 400,
    succeeded: 399,
    failed: 1,
  }),
  HubJob.parse({
    jobId: 'drover-1',
    type: 'scheduleDeviceMethod',
    status: 'running',
    methodName: 'reboot',
    condition: '*',
    actionId: '01A',
  }),
]

test('the jobs of the hub are listed with what they are, and how far', async () => {
  app.answers.jobs = () => jobs
  show(app, JobsDialog, { hubId: localHubId, hubName: 'Local hub' })
  await expect.poll(() => document.querySelectorAll('[data-job-id]').length).toBe(2)
  const words = document.querySelector('[data-job-status=completed]')?.textContent
  expect(words).toContain('Twin update')
  expect(words).toContain('399 of 400 succeeded, 1 failed')
  expect(words).toContain('night-<b>tags</b>')
  expect(document.querySelector('[data-job-id] b')).toBeNull()
})

test('a job that was made elsewhere is adopted, and its action opens', async () => {
  app.answers.jobs = () => jobs
  const dialog = show(app, JobsDialog, { hubId: localHubId, hubName: 'Local hub' })
  await expect.poll(() => document.querySelectorAll('[data-job-id]').length).toBe(2)
  button('Adopt').click()
  await expect.poll(() => app.asked.adopted).toEqual(['night-<b>tags</b>'])
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(useNavigation().view).toBe('activity')
})

test('a job that is followed already is shown', async () => {
  app.answers.jobs = () => jobs
  show(app, JobsDialog, { hubId: localHubId, hubName: 'Local hub' })
  await expect.poll(() => document.querySelectorAll('[data-job-id]').length).toBe(2)
  button('Show').click()
  expect(app.asked.adopted).toEqual([])
  expect(useNavigation().view).toBe('activity')
})

test('a hub without jobs says so, and one that does not answer says why', async () => {
  show(app, JobsDialog, { hubId: localHubId, hubName: 'Local hub' })
  await expect.poll(() => document.body.textContent).toContain('This hub has no jobs.')
  app.answers.jobs = () => {
    throw new AppError('throttled', 'The hub asks to wait.', { nextStep: 'Try again in a minute.' })
  }
  button('Ask again').click()
  await expect.poll(() => document.body.textContent).toContain('Try again in a minute.')
})

test('the families of the mapping file are listed, and another file is taken', async () => {
  app.dialects.push([{ name: 'old-gateways', actions: [{ kind: 'reboot', methodName: 'RestartNow' }] }])
  show(app, MappingDialog)
  await expect.poll(() => document.body.textContent).toContain('Reboot: RestartNow')
  button('Open mapping file…').click()
  await expect.poll(() => document.body.textContent).toContain('The mapping file is in use.')
})

test('a mistake in a mapping file is told with its line', async () => {
  app.answers.takeMapping = () => {
    throw new AppError('invalid-input', 'Line 7: “reboot” names no method.')
  }
  show(app, MappingDialog)
  await expect.poll(() => document.body.textContent).toContain('No mapping file has been opened.')
  button('Open mapping file…').click()
  await expect.poll(() => document.querySelector('[role=alert]')?.textContent).toContain('Line 7')
})

async function settings(): Promise<void> {
  const tier = { sku: 'S2', units: 4 } as const
  app.hubs.push({ hubs: [hubProfile({ settings: { tier } })], selected: localHubId })
  show(app, HubSettingsDialog, { hubId: localHubId })
  await expect.poll(() => useHubs().isLoaded).toBe(true)
}

test('the tier, its units and the redundancy tag are saved as they are chosen', async () => {
  await settings()
  const sku = document.querySelector('select')
  if (!sku) throw new Error('There is no tier to choose.')
  sku.value = 'S3'
  sku.dispatchEvent(new Event('change'))
  await nextTick()
  const units = document.querySelector<HTMLInputElement>('input[type=number]')
  if (!units) throw new Error('There are no units to choose.')
  units.value = '900'
  units.dispatchEvent(new Event('change'))
  await type('Redundancy tag (optional)', ' site.rack ')
  document.querySelector<HTMLElement>('input[type=checkbox]')?.click()
  document.querySelector('form')?.dispatchEvent(new Event('submit'))
  await expect
    .poll(() => app.asked.configured)
    .toEqual([
      {
        hubId: 'local',
        settings: { tier: { sku: 'S3', units: 200 }, redundancyTag: 'site.rack', followEvents: true },
      },
    ])
})

test('a tag that cannot be one is told, and nothing is saved', async () => {
  await settings()
  await type('Redundancy tag (optional)', 'site..rack OR 1=1')
  expect(field('Redundancy tag (optional)').getAttribute('aria-invalid')).toBe('true')
  expect(document.body.textContent).toContain('A tag is named like site.rack')
  document.querySelector('form')?.dispatchEvent(new Event('submit'))
  await nextTick()
  expect(app.asked.configured).toEqual([])
})

test('settings that cannot be saved keep the dialog open, with the reason', async () => {
  app.answers.configure = () => {
    throw new AppError('internal', 'The profile cannot be written.')
  }
  await settings()
  document.querySelector('form')?.dispatchEvent(new Event('submit'))
  await expect.poll(() => document.body.textContent).toContain('The profile cannot be written.')
})
