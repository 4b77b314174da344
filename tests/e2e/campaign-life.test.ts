import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installedElectron } from '../../build/find-electron.ts'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import { readCsvRow } from '../../core/testing/read-csv-row.ts'
import { connectDevice, report } from '../conformance/support/device.ts'
import { CampaignDesk } from './support/campaign-desk.ts'
import { Desk, recordStatuses } from './support/desk.ts'
import { HubStory } from './support/hub-story.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

const pumps = ['pump-0001', 'pump-0002', 'pump-0003', 'pump-0004']
const folder = mkdtempSync(join(tmpdir(), 'drover-campaign-life-'))
let hub: HubStory
let app: LaunchedApp
let desk: Desk
let campaigns: CampaignDesk

beforeAll(async () => {
  ;[hub, app] = await Promise.all([HubStory.start(), launchApp({ filesFolder: folder })])
  desk = new Desk(app.page)
  campaigns = new CampaignDesk(desk)
  await desk.addHub(hub.toAdd)
  await desk.online(6)
})

afterAll(async () => {
  await app.close()
  await hub.stop()
  rmSync(folder, { recursive: true, force: true })
})

const statusesOf = (deviceIds: readonly string[]): Promise<(string | null)[]> =>
  Promise.all(deviceIds.map((deviceId) => desk.target(deviceId).getAttribute('data-status')))

describe('a campaign', () => {
  test('is paused and resumed by a person, and its next wave needs their approval', async () => {
    await campaigns.askOver(pumps, /^Reboot/)
    await campaigns.runAsCanary('Spring')
    await desk.submit('Reboot 4 devices')
    await campaigns.hold('Spring', 'approval')
    await campaigns.take('pause')
    await campaigns.hold('Spring', 'paused')
    expect(await campaigns.card('Spring').getByText('Paused by').count()).toBe(1)
    expect(
      await campaigns
        .card('Spring')
        .getByRole('button', { name: /^Approve/ })
        .count(),
    ).toBe(0)
    await campaigns.press('Spring', 'Resume')
    await campaigns.hold('Spring', 'approval')
    expect((await statusesOf(pumps)).toSorted()).toEqual(['succeeded', 'waiting', 'waiting', 'waiting'])
    await campaigns.press('Spring', 'Approve wave 2')
    for (const deviceId of pumps)
      expect(await desk.outcomeOf(deviceId)).toMatchObject({ status: 'succeeded' })
  })

  test('is cloned with its devices and its waves, and cancelled before the others are asked', async () => {
    await campaigns.take('clone')
    expect(await campaigns.form.getByLabel('Name (optional)').inputValue()).toBe('Spring')
    expect(
      await campaigns.form.getByRole('checkbox', { name: 'A person approves each wave' }).isChecked(),
    ).toBe(true)
    await campaigns.form.getByLabel('Name (optional)').fill('Autumn')
    await desk.submit('Reboot 4 devices')
    await campaigns.hold('Autumn', 'approval')
    await campaigns.take('cancel')
    await expect.poll(() => campaigns.card('Autumn').getAttribute('data-status')).toBe('cancelled')
    expect((await statusesOf(pumps)).toSorted()).toEqual(['cancelled', 'cancelled', 'cancelled', 'succeeded'])
  })

  test('whose devices failed is tried again with those alone', async () => {
    await desk.select(['pump-0001', 'valve-0001', 'valve-0002'])
    await desk.askToReboot('pump-0001')
    await desk.confirmReboot()
    expect(await desk.outcomeOf('pump-0001')).toMatchObject({ status: 'succeeded' })
    for (const deviceId of ['valve-0001', 'valve-0002'])
      expect(await desk.outcomeOf(deviceId)).toMatchObject({ status: 'failed' })
    await campaigns.take('retry')
    await app.page.getByText('The failed devices are tried again.').waitFor()
    await campaigns.card('Reboot 2 devices').waitFor()
    expect(await desk.outcomeOf('valve-0002')).toMatchObject({ status: 'failed' })
    expect(await desk.target('pump-0001').count()).toBe(0)
  })
})

describe.skipIf(installedElectron())('a campaign as a file', () => {
  test('comes back as it was edited, and a mistake in it is named by its line', async () => {
    await campaigns.askOver(['pump-0001', 'pump-0002'], /^Reboot/)
    await campaigns.runAsCanary('Review me')
    await campaigns.chooseInFileMenu('Save as file…')
    await app.page.getByText(/^Saved as Review me\.json$/).waitFor()
    const file = join(folder, 'Review me.json')
    const saved = readFileSync(file, 'utf8')
    expect(saved).not.toContain(hub.process.connectionStrings.serviceAndRegistryRead)
    const campaign = JSON.parse(saved) as CampaignFile
    writeFileSync(file, saved.replace(/"deadlineMs": \d+/, '"deadlineMs": "soon"'))
    const line = saved.split('\n').findIndex((text) => text.includes('"deadlineMs"')) + 1
    await campaigns.chooseInFileMenu('Open campaign…')
    const alert = desk.dialog.getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).toContain(
      `Line ${line} of Review me.json: deadlineMs has to be of type number.`,
    )

    const edited = { ...campaign, name: 'Reviewed', deviceIds: [...campaign.deviceIds, 'pump-0003'] }
    writeFileSync(file, JSON.stringify(edited))
    await campaigns.chooseInFileMenu('Open campaign…')
    await desk.dialog.getByRole('button', { name: 'Reboot 3 devices', exact: true }).waitFor()
    expect(await campaigns.form.getByLabel('Name (optional)').inputValue()).toBe('Reviewed')
    await desk.dialog.getByRole('button', { name: 'Cancel' }).click()
    rmSync(file)
  })
})

describe('a job that was made elsewhere', () => {
  test('is adopted, and followed to the proof of each device', async () => {
    const jobId = 'nightly-reboot'
    const { jobs } = hub.service()
    const payload = { actionId: jobId, notAfter: new Date(Date.now() + 60_000).toISOString() }
    const waits = { responseTimeoutInSeconds: 30, connectTimeoutInSeconds: 5 }
    const method = { methodName: 'reboot', payload, ...waits }
    await jobs.scheduleDeviceMethod(jobId, "deviceId IN ['pump-0001','pump-0002']", method, new Date(), 600)
    await campaigns.openJobs()
    const line = desk.dialog.locator(`[data-job-id=${jobId}]`)
    await line.getByRole('button', { name: 'Adopt' }).click()
    await desk.dialog.waitFor({ state: 'hidden' })
    await campaigns.card(jobId).waitFor()
    for (const deviceId of ['pump-0001', 'pump-0002']) {
      const { status, words } = await desk.outcomeOf(deviceId)
      expect({ status, words }).toMatchObject({
        status: 'succeeded',
        words: expect.stringMatching(/^Boot id/) as string,
      })
    }
    await campaigns.openJobs()
    expect(await line.getByRole('button', { name: 'Show' }).count()).toBe(1)
    await app.page.keyboard.press('Escape')
  })
})

describe.skipIf(installedElectron())('a family of devices of one’s own', () => {
  const mapping = {
    format: 'drover-dialects',
    version: 1,
    dialects: [
      {
        name: 'Acme',
        recognisedBy: 'acme',
        firmwareVersion: 'acme.version',
        firmwareUpdate: {
          method: 'acmeUpdate',
          payload: { url: '{fwPackageUri}' },
          status: 'acme.state',
          words: { downloading: ['fetching'], applying: ['burning'], done: ['ready'], failed: ['broken'] },
        },
      },
    ],
  }

  test('is read from a file whose first mistake was named by its line, and its devices show their phases', async () => {
    await campaigns.show('Fleet')
    // Told by the hub, the app has no reason to wait before it shows what a device says.
    await campaigns.followEvents('Plant')
    const device = await connectDevice(hub.target, hub.service(), 'acme-1')
    const twin = await device.client.getTwin()
    await report(twin, { acme: { version: '1.0', state: 'idle' } })
    const urls: unknown[] = []
    device.client.onDeviceMethod('acmeUpdate', (request, response) => {
      urls.push(request.payload)
      void response.send(200, {})
    })

    const file = join(folder, 'acme.json')
    const text = JSON.stringify(mapping, undefined, 2)
    writeFileSync(file, text.replace('"status"', '"state"'))
    await campaigns.openMappings()
    await desk.dialog.getByRole('button', { name: 'Open mapping file…' }).click()
    const alert = desk.dialog.getByRole('alert')
    await alert.waitFor()
    const line = text.split('\n').findIndex((each) => each.includes('"firmwareUpdate"')) + 1
    expect(await alert.innerText()).toContain(
      `Line ${line} of acme.json: dialects.0.firmwareUpdate.status is missing.`,
    )
    writeFileSync(file, text)
    await desk.dialog.getByRole('button', { name: 'Open mapping file…' }).click()
    await desk.dialog.getByText('Firmware update: acmeUpdate').waitFor()
    await desk.dialog.getByRole('button', { name: 'Close' }).click()

    await app.page.getByRole('button', { name: 'Refresh' }).click()
    await desk.online(7)
    const seen = await recordStatuses(app.page, 'acme-1')
    await desk.askFor(/^Update firmware/, 'acme-1')
    await desk.dialog.getByRole('button', { name: 'Address only' }).click()
    await desk.dialog.getByLabel('Version').fill('2.0')
    await desk.dialog.getByLabel('Package address').fill('https://example.com/acme-2.0.bin')
    await desk.submit('Update 1 device')
    const phase = (name: string): Locator =>
      desk.target('acme-1').and(app.page.locator(`[data-phase=${name}]`))
    /** As a device does that is at work: it says so again and again. */
    const works = async (state: string, shownAs: string): Promise<void> => {
      let beat = 0
      const reportAndLook = async (): Promise<boolean> => {
        await report(twin, { acme: { state, beat: (beat += 1) } })
        return phase(shownAs).isVisible()
      }
      await expect.poll(reportAndLook, { interval: 500, timeout: 15_000 }).toBe(true)
    }
    await phase('accepted').waitFor()
    await works('fetching', 'downloading')
    await works('burning', 'applying')
    await report(twin, { acme: { state: 'ready', version: '2.0' } })
    expect(await desk.outcomeOf('acme-1')).toMatchObject({ status: 'succeeded' })
    expect(urls).toEqual([{ url: 'https://example.com/acme-2.0.bin' }])
    expect(await seen()).toEqual(expect.arrayContaining(['accepted', 'downloading', 'applying', 'succeeded']))
    await device.close()
  })
})

describe.skipIf(installedElectron())('the journal', () => {
  test('is verified, and its CSV says the same as its JSON and as the window', async () => {
    await campaigns.show('Journal')
    await app.page.getByRole('button', { name: 'Verify' }).click()
    const verified = app.page.getByText(/^The journal is whole: [\d,]+ records/)
    await verified.waitFor()
    const count = Number(/[\d,]+/.exec(await verified.innerText())?.[0].replaceAll(',', ''))
    for (const format of ['CSV', 'JSON']) {
      await app.page.getByRole('button', { name: `Export ${format}` }).click()
      await app.page.getByText(new RegExp(`^Exported as .+\\.${format.toLowerCase()}$`)).waitFor()
    }
    const read = (ending: string): string =>
      readFileSync(
        join(
          folder,
          readdirSync(folder).find((name) => name.startsWith('drover-journal') && name.endsWith(ending)) ??
            '',
        ),
        'utf8',
      )
    const { records } = JSON.parse(read('.json')) as { records: Record<string, unknown>[] }
    const [head = [], ...rows] = (
      read('.csv')
        .replace('\uFEFF', '')
        .match(/[^\r]*\r\n/g) ?? []
    ).map((line) => readCsvRow(line))
    expect([records.length, rows.length]).toEqual([count, count])
    const recordAt = head.indexOf('record')
    expect(rows.map((row) => JSON.parse(row[recordAt] ?? '') as unknown)).toEqual(
      records.map(({ number: _, ...record }) => record),
    )
    const [newest] = rows.toReversed()
    const shown = await campaigns.journal.locator(`[data-number="${newest?.[0] ?? ''}"]`).innerText()
    expect(shown).toContain(newest?.[head.indexOf('device id')])
    await campaigns.show('Fleet')
  })
})

describe('a key that is refused in the middle of a campaign', () => {
  test('fails nobody; with a new key the campaign goes on where it was', async () => {
    await campaigns.askOver(pumps, /^Reboot/)
    await campaigns.runAsCanary('Night shift')
    await desk.submit('Reboot 4 devices')
    await campaigns.hold('Night shift', 'approval')
    await hub.renewKeys()
    await campaigns.press('Night shift', 'Approve wave 2')
    await campaigns.hold('Night shift', 'halted')
    expect(await campaigns.card('Night shift').innerText()).toContain('The hub does not accept this key.')
    await expect
      .poll(async () => (await statusesOf(pumps)).toSorted())
      .toEqual(['succeeded', 'waiting', 'waiting', 'waiting'])

    await desk.addHub(hub.toAdd)
    await campaigns.press('Night shift', 'Resume')
    for (const deviceId of pumps)
      expect(await desk.outcomeOf(deviceId)).toMatchObject({ status: 'succeeded' })
  })
})
