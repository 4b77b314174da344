import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CampaignFile } from '../../contract/app/campaign-file.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, show } from '../testing/mount.ts'
import { commandRequest, deviceId, preflightOf, simplePolicy } from '../testing/values.ts'
import ProofDialog from './ProofDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp
const deviceIds = Array.from({ length: 20 }, (_, index) => deviceId(`pump-${index + 1}`))

beforeEach(() => {
  localStorage.clear()
  app = fakeApp()
})

async function open(campaign?: CampaignFile): Promise<VueWrapper> {
  const request = { ...commandRequest('reboot', deviceIds), ...(campaign ? { campaign } : {}) }
  const dialog = show(app, ProofDialog, { request, kind: 'reboot' })
  await expect.poll(() => document.querySelector('[data-verdict="ready"]')).not.toBeNull()
  return dialog
}

async function runAsCampaign(): Promise<void> {
  checkbox(/^Run as a campaign/).click()
  await nextTick()
}

function labelled(words: RegExp | string): HTMLInputElement {
  const inputs = [...document.querySelectorAll<HTMLInputElement>('input, select')]
  const found = inputs.find((input) => {
    const name = input.getAttribute('aria-label') ?? input.closest('label')?.textContent.trim() ?? ''
    return typeof words === 'string' ? name === words : words.test(name)
  })
  if (!found) throw new Error(`There is no field ${String(words)}.`)
  return found
}

function checkbox(words: RegExp | string): HTMLInputElement {
  return labelled(words)
}

async function click(words: RegExp | string): Promise<void> {
  checkbox(words).click()
  await nextTick()
}

async function set(words: RegExp | string, value: string): Promise<void> {
  const field = labelled(words)
  field.value = value
  field.dispatchEvent(new Event('change', { bubbles: true }))
  await nextTick()
}

async function start(words = 'Reboot 20 devices') {
  await expect.poll(() => button(words).disabled).toBe(false)
  button(words).click()
  await expect.poll(() => app.asked.started.length).toBe(1)
  return app.asked.started[0]
}

/** The number beside the switch of the same name. */
async function setNumber(words: string, value: string): Promise<void> {
  const number = document.querySelector<HTMLInputElement>(`input[type=number][aria-label="${words}"]`)
  if (!number) throw new Error(`There is no number ${words}.`)
  number.value = value
  number.dispatchEvent(new Event('change', { bubbles: true }))
  await nextTick()
}

function summary(): string {
  return document.querySelector('.campaign .summary')?.textContent ?? ''
}

test('without the switch it is a plain action, with no policy', async () => {
  await open()
  expect(await start()).not.toHaveProperty('policy')
})

test('the usual campaign is said in one line of plain words', async () => {
  await open()
  await runAsCampaign()
  expect(summary()).toMatch(
    /^1 device first, then 10%, then 50%, then the rest; goes on when 95% have succeeded; waits 5 min after each wave; stops when more than 5% fail; offline devices wait until .+\.$/,
  )
  expect(document.querySelector('[data-planned]')?.textContent).toBe('1 · 2 · 10 · 7 devices')
  expect((await start())?.policy).toMatchObject({
    waves: [{ unit: 'devices', count: 1 }, {}, {}, {}],
    abort: { failureShare: 0.05 },
  })
})

test('the pre-flight is asked again with the policy, and offline devices join when it waits for them', async () => {
  app.answers.preflight = () =>
    preflightOf(deviceIds.map((id, index) => ({ deviceId: id, verdict: index < 15 ? 'ready' : 'offline' })))
  await open()
  expect(button(/^Reboot/).textContent.trim()).toBe('Reboot 15 devices')
  await runAsCampaign()
  await expect.poll(() => button(/^Reboot/).textContent.trim()).toBe('Reboot 20 devices')
  expect(document.querySelector('[data-verdict=offline]')?.textContent).toContain(
    'Asked as soon as it is back',
  )
  await expect.poll(() => app.asked.preflights.at(-1)?.policy?.offline.mode).toBe('wait')
  await set('Offline devices', 'skip')
  await expect.poll(() => button(/^Reboot/).textContent.trim()).toBe('Reboot 15 devices')
})

test('waves, gate, stop rule, pace and approval are set by hand', async () => {
  await open()
  await runAsCampaign()
  await set('Waves', 'custom')
  await set('Size of wave 1', '3')
  button('Remove wave 4').click()
  await nextTick()
  await set('Unit of wave 3', 'devices')
  await set('Size of wave 3', '4')
  await click('At least this share has succeeded')
  await click('A person approves each wave')
  await click('At most so many devices a minute')
  await setNumber('At most so many devices a minute', '6')
  await set('once so many have finished', '2')
  expect(summary()).toContain('3 devices first, then 10%, then 4 devices, and so on')
  expect(summary()).toContain('each wave is approved by a person')
  const { policy } = (await start()) ?? {}
  expect(policy).toMatchObject({
    waves: [
      { unit: 'devices', count: 3 },
      { unit: 'percent', percent: 10 },
      { unit: 'devices', count: 4 },
    ],
    gate: { soakMs: 300_000, needsApproval: true },
    abort: { leastFinished: 2 },
    mostPerMinute: 6,
  })
  expect(policy?.gate).not.toHaveProperty('successShare')
})

test('a number outside of its bounds is moved to the nearest one', async () => {
  await open()
  await runAsCampaign()
  await setNumber('At least this share has succeeded', '140')
  expect(summary()).toContain('when 100% have succeeded')
})

test('a window needs a day and a zone that exists', async () => {
  await open()
  await runAsCampaign()
  checkbox(/^Only at these hours/).click()
  await nextTick()
  expect(summary()).toContain('only from 22:00 to 05:00 of the device’s clock')
  const zone = labelled(/^Zone of devices/)
  zone.value = 'Mars/Olympus'
  zone.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
  expect(document.body.textContent).toContain('This is no time zone that is known here')
  expect(button(/^Reboot/).disabled).toBe(true)
  zone.value = 'Asia/Seoul'
  zone.dispatchEvent(new Event('input', { bubbles: true }))
  expect((await start())?.policy?.window).toMatchObject({
    timeZone: 'Asia/Seoul',
    days: [0, 1, 2, 3, 4, 5, 6],
  })
})

test('a job of the hub hides what the hub cannot do, and says so', async () => {
  await open()
  await runAsCampaign()
  checkbox('A job of the hub').click()
  checkbox('A job of the hub').dispatchEvent(new Event('change', { bubbles: true }))
  await nextTick()
  expect(document.body.textContent).toContain('no waves, no gate, no stop rule')
  expect(document.querySelector('[data-planned]')).toBeNull()
  expect(await start()).toMatchObject({ engine: 'job', policy: { waves: [] } })
})

test('the next campaign starts with the rules of the last one', async () => {
  const first = await open()
  await runAsCampaign()
  await set('Waves', 'canary')
  await start()
  await expect.poll(() => first.emitted('close')).toBeDefined()
  await nextTick()
  first.unmount()
  await open()
  await runAsCampaign()
  expect(labelled('Waves').value).toBe('canary')
})

const file = CampaignFile.parse({
  format: 'drover-campaign',
  version: 1,
  name: 'Night reboot',
  parameters: { kind: 'reboot' },
  engine: 'methods',
  deadlineMs: 120_000,
  policy: simplePolicy({ waves: [{ unit: 'devices', count: 5 }] }),
  deviceIds,
})

test('a campaign from a file fills the form, a deadline that is no choice here among it', async () => {
  await open(file)
  expect(summary()).toMatch(/^5 devices at a time/)
  const started = await start()
  expect(started).toMatchObject({ name: 'Night reboot', deadlineMs: 120_000, policy: file.policy })
})

async function choose(item: string): Promise<void> {
  const trigger = button('Campaign file…')
  trigger.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  const find = (): HTMLElement | undefined =>
    [...document.querySelectorAll<HTMLElement>('[role=menuitem]')].find(
      ({ textContent }) => textContent.trim() === item,
    )
  await expect.poll(find).toBeDefined()
  find()?.dispatchEvent(new MouseEvent('click', { bubbles: true }))
}

test('a campaign is saved as a file over all chosen devices', async () => {
  app.answers.savedAs = () => 'night.json'
  await open()
  await runAsCampaign()
  await choose('Save as file…')
  await expect.poll(() => app.asked.saved.length).toBe(1)
  expect(CampaignFile.parse(app.asked.saved[0])).toMatchObject({ name: 'Reboot 20 devices', deviceIds })
})

test('the az command is copied, and what it cannot say is listed', async () => {
  app.answers.commandLine = () => ({ commands: 'az iot hub job create --jid 1', notes: ['no-waves'] })
  await open()
  await choose('Copy as az command')
  await expect.poll(() => app.asked.copied).toEqual(['az iot hub job create --jid 1'])
  await expect.poll(() => document.querySelector('.notes')?.textContent).toContain('there are no waves')
})

test('a rehearsal runs on the local hub with its share of faults, and opens', async () => {
  await open()
  await choose('20% of the devices misbehave')
  await expect.poll(() => app.asked.rehearsed[0]?.faultShare).toBe(0.2)
  await expect.poll(() => useNavigation().view).toBe('activity')
})

test('opening a campaign replaces the dialog by the one of the file', async () => {
  app.answers.campaign = () => file
  await open()
  await choose('Open campaign…')
  await expect
    .poll(() => useNavigation().dialog)
    .toMatchObject({ kind: 'reboot', campaign: { name: 'Night reboot' } })
})
