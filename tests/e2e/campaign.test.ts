import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installedElectron } from '../../build/find-electron.ts'
import { CampaignDesk } from './support/campaign-desk.ts'
import { Desk } from './support/desk.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

let app: LaunchedApp
let desk: Desk
let campaigns: CampaignDesk
const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-dialogs-'))

beforeAll(async () => {
  app = await launchApp({ filesFolder: folder })
  desk = new Desk(app.page)
  campaigns = new CampaignDesk(desk)
  await desk.online(24)
})

afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a canary campaign', () => {
  const deviceIds = ['pump-0001', 'pump-0002', 'pump-0003', 'pump-0004']

  test('reboots one device, and waits for a person', async () => {
    await campaigns.askOver(deviceIds, /^Reboot/)
    await campaigns.runAsCanary('Pilot')
    expect(await campaigns.form.getByRole('status').innerText()).toMatch(
      /^1 device first, then the rest; .*each wave is approved by a person/,
    )
    await desk.submit('Reboot 4 devices')
    await campaigns.hold('Pilot', 'approval')
    const statuses = await Promise.all(
      deviceIds.map((deviceId) => desk.target(deviceId).getAttribute('data-status')),
    )
    expect(statuses.toSorted()).toEqual(['succeeded', 'waiting', 'waiting', 'waiting'])
  })

  test('goes on to the rest once it is approved', async () => {
    await campaigns.card('Pilot').getByRole('button', { name: 'Approve wave 2' }).click()
    for (const deviceId of deviceIds)
      expect(await desk.outcomeOf(deviceId)).toMatchObject({ status: 'succeeded' })
    await expect
      .poll(() => campaigns.card('Pilot').getAttribute('data-status'), { timeout: 15_000 })
      .toBe('succeeded')
  })
})

describe('a factory reset', () => {
  test('needs the count and the name of the hub, and is proven by the new system', async () => {
    await desk.askFor(/^Factory reset/, 'pump-0005')
    const submit = desk.submitButton('Reset 1 device')
    expect(await submit.isEnabled()).toBe(false)
    await campaigns.confirm(1, 'Local hub')
    await expect.poll(() => submit.isEnabled(), { timeout: 10_000 }).toBe(true)
    await desk.submit('Reset 1 device')
    const { status, words } = await desk.outcomeOf('pump-0005')
    expect(status).toBe('succeeded')
    expect(words).toContain('The new system reported the reset.')
  })
})

describe('the journal', () => {
  test('has a record of all of it, and is whole', async () => {
    await campaigns.show('Journal')
    await campaigns.journal.locator('[data-number]').first().waitFor()
    await expect.poll(() => campaigns.journal.innerText()).toContain('pump-0005')
    await app.page.getByRole('button', { name: 'Verify' }).click()
    await app.page.getByText(/^The journal is whole: \d+ records/).waitFor({ timeout: 15_000 })
  })

  test.skipIf(installedElectron())('is exported as CSV and as JSON', async () => {
    for (const format of ['csv', 'json']) {
      await app.page.getByRole('button', { name: `Export ${format.toUpperCase()}` }).click()
      await app.page.getByText(new RegExp(`^Exported as .+\\.${format}$`)).waitFor({ timeout: 15_000 })
      const name = readdirSync(folder).find((each) => each.endsWith(`.${format}`)) ?? ''
      expect(readFileSync(path.join(folder, name), 'utf8')).toContain('pump-0005')
    }
  })
})
