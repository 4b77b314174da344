import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CampaignDesk } from './support/campaign-desk.ts'
import { Desk } from './support/desk.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

let app: LaunchedApp
let desk: Desk

/** The camera is offline; the others are online. */
const three = ['pump-0004', 'pump-0005', 'camera-0001']

beforeAll(async () => {
  app = await launchApp()
  desk = new Desk(app.page)
  await desk.online(24)
})

afterAll(() => app.close())

describe('a twin', () => {
  test('gets desired properties on every chosen device, the offline one too', async () => {
    await desk.select(three)
    await desk.askFor('Set desired…', 'pump-0004')
    await desk.typeJson('Desired properties (JSON merge patch)', '{ "telemetry": { "intervalSeconds": 30 } }')
    await desk.submit('Set desired properties of 3 devices')
    for (const deviceId of three) {
      const { status, words } = await desk.outcomeOf(deviceId)
      expect(status).toBe('succeeded')
      expect(words).toMatch(/^Stored by the hub as version \d+\.$/)
    }
  })

  test('gets tags, and a mistake in the patch is named before anything is sent', async () => {
    await desk.select(three)
    await desk.askFor('Edit tags…', 'pump-0004')
    await desk.typeJson('Tags (JSON merge patch)', '{\n  "site": "seoul",\n}')
    await desk.dialog.getByText('Line 3, column 1: a name in double quotes is expected here.').waitFor()
    expect(await desk.submitButton('Edit tags of 3 devices').isDisabled()).toBe(true)
    await desk.typeJson('Tags (JSON merge patch)', '{ "site": "seoul", "neverThere": null }')
    await desk.submit('Edit tags of 3 devices')
    for (const deviceId of three)
      expect(await desk.outcomeOf(deviceId)).toMatchObject({ status: 'succeeded' })
  })

  test('is left alone when the hub would refuse the patch, and the dialog says why', async () => {
    await desk.select(['pump-0004'])
    await desk.askFor('Edit tags…', 'pump-0004')
    await desk.typeJson('Tags (JSON merge patch)', '{ "not.allowed": 1 }')
    await desk.submitButton('Edit tags of 1 device').click()
    await desk.dialog.getByText('"not.allowed" is not allowed').waitFor()
    await desk.dialog.getByRole('button', { name: 'Cancel' }).click()
    await desk.dialog.waitFor({ state: 'hidden' })
  })
})

describe('a direct method', () => {
  test('with a payload that the device does not take shows the device’s own refusal', async () => {
    await desk.askFor('Invoke method…', 'pump-0006')
    await desk.fillMethod('reboot', '{ "delaySeconds": "soon" }')
    await desk.submit('Invoke reboot on 1 device')
    const { status, words } = await desk.outcomeOf('pump-0006')
    expect(status).toBe('failed')
    expect(words).toMatch(/^Refused with 400: \{/)
    await desk.target('pump-0006').click()
    const detail = app.page.getByRole('complementary', { name: 'What pump-0006 says' })
    expect(await detail.innerText()).toContain('Status 400')
    expect(await detail.locator('pre').innerText()).toMatch(/^\{\n {2}"/)
  })

  test('that no handler of the device takes ends as what the hub says: no answer came in time, so it may have run', async () => {
    await desk.askFor('Invoke method…', 'pump-0007')
    await desk.fillMethod('openTheDoor')
    await desk.dialog.getByLabel('Wait for the answer').selectOption({ label: '10 seconds' })
    await desk.submit('Invoke openTheDoor on 1 device')
    const { status, words } = await desk.outcomeOf('pump-0007')
    expect(status).toBe('unknown')
    expect(words).toMatch(/^No answer came back\. It may have run\./)
    expect(await app.page.getByRole('button', { name: /check again/ }).count()).toBe(0)
  })

  test('is offered again with its payload, and not after the history was cleared', async () => {
    await desk.askFor('Invoke method…', 'pump-0006')
    await desk.chooseUsedMethod('Use reboot again')
    expect(await desk.dialog.getByLabel('Method name').inputValue()).toBe('reboot')
    expect(await desk.dialog.getByLabel('Payload (JSON)').inputValue()).toBe('{ "delaySeconds": "soon" }')
    await desk.chooseUsedMethod('Clear history')
    await desk.dialog.getByRole('button', { name: 'Used before' }).waitFor({ state: 'detached' })
    await desk.dialog.getByRole('button', { name: 'Cancel' }).click()
    await desk.dialog.waitFor({ state: 'hidden' })
  })

  test('on several devices groups the same answers, the most frequent first', async () => {
    const devices = ['pump-0004', 'pump-0005', 'valve-0001']
    await desk.select(devices)
    await desk.askFor('Invoke method…', 'pump-0004')
    await desk.fillMethod('reboot', '[]')
    await desk.submit('Invoke reboot on 3 devices')
    for (const deviceId of devices) await desk.outcomeOf(deviceId)
    await app.page.getByRole('button', { name: 'By answer' }).click()
    const groups = app.page.getByRole('region', { name: 'Devices by answer' })
    await groups.getByText('3 devices').waitFor()
    expect(await groups.locator('[data-answer-status="400"]').count()).toBe(1)
  })
})

async function editTags(patch: string): Promise<void> {
  await desk.askFor('Edit tags…', 'pump-0007')
  await desk.typeJson('Tags (JSON merge patch)', patch)
  await desk.submit('Edit tags of 1 device')
  expect(await desk.outcomeOf('pump-0007')).toMatchObject({ status: 'succeeded' })
}

describe('a factory reset', () => {
  test('needs the count and the name of the hub, and is proven by the new system', async () => {
    await editTags('{ "site": "busan" }')
    await desk.askFor(/^Factory reset/, 'pump-0007')
    const submit = desk.submitButton('Reset 1 device')
    expect(await submit.isEnabled()).toBe(false)
    await new CampaignDesk(desk).confirm(1, 'Local hub')
    await expect.poll(() => submit.isEnabled(), { timeout: 10_000 }).toBe(true)
    await desk.submit('Reset 1 device')
    const { status, words } = await desk.outcomeOf('pump-0007')
    expect(status).toBe('succeeded')
    expect(words).toContain('The new system reported the reset.')
  })

  test('offers to put back what its devices have lost since, and shows it before it does', async () => {
    await editTags('{ "site": null }')
    const campaigns = new CampaignDesk(desk)
    await campaigns.open('Reset 1 device')
    await app.page.locator('[data-step=restore]').first().click()
    const [lost] = await desk.dialog.locator('li', { hasText: 'tags.site' }).allInnerTexts()
    expect(lost).toMatch(/tags\.site\s+gone\s+→\s+"busan"/)
    await desk.submit('Restore 1 device')
    expect(await desk.outcomeOf('pump-0007')).toMatchObject({ status: 'succeeded' })

    await campaigns.open('Reset 1 device')
    await app.page.locator('[data-step=restore]').first().click()
    await desk.dialog.locator('[data-verdict=already-done]').waitFor()
    await desk.dialog.getByRole('button', { name: 'Cancel' }).click()
    await desk.dialog.waitFor({ state: 'hidden' })
  })
})
