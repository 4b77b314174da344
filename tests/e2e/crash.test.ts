import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CampaignDesk } from './support/campaign-desk.ts'
import { Desk } from './support/desk.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

let userDataDir: string
let app: LaunchedApp

beforeAll(async () => {
  userDataDir = await mkdtemp(join(tmpdir(), 'drover-crash-'))
})

afterAll(async () => {
  await app.close()
  await rm(userDataDir, { recursive: true, force: true, maxRetries: 5 })
})

async function start(): Promise<Desk> {
  app = await launchApp({ userDataDir })
  const desk = new Desk(app.page)
  await desk.online(24)
  return desk
}

const overnight = ['pump-0002', 'pump-0003', 'pump-0004']

test('what was in flight when the app was killed is unknown afterwards, and what was proven stays proven', async () => {
  const before = await start()
  await before.askToReboot('pump-0001')
  await before.confirmReboot()
  await before.outcomeOf('pump-0001')
  const planned = new CampaignDesk(before)
  await planned.askOver(overnight, /^Reboot/)
  await planned.runAsCanary('Overnight')
  await before.submit('Reboot 3 devices')
  await planned.hold('Overnight', 'approval')
  await before.askToReboot('camera-0002')
  await before.confirmReboot()
  await before.target('camera-0002').and(app.page.locator('[data-status=working]')).waitFor()
  const ended = once(app.process, 'exit')
  app.kill()
  await ended

  const after = await start()
  await after.reveal('pump-0001')
  await expect.poll(() => after.row('pump-0001').locator('.col-lastAction').innerText()).toContain('Rebooted')
  await expect
    .poll(() => after.row('camera-0002').locator('.col-lastAction').innerText())
    .toContain('Unknown')
  await app.page.getByRole('button', { name: 'Activity', exact: true }).first().click()
  await app.page.locator('article').first().click()
  const { status, words } = await after.outcomeOf('camera-0002')
  expect({ status, words }).toMatchObject({
    status: 'unknown',
    words: expect.stringContaining('Drover stopped') as string,
  })
})

test('a campaign that the app was killed in is on hold after the start, and goes on when it is resumed', async () => {
  const after = new Desk(app.page)
  const planned = new CampaignDesk(after)
  await planned.hold('Overnight', 'interrupted')
  expect(await planned.card('Overnight').innerText()).toContain('Drover had ended in the middle.')
  await planned.press('Overnight', 'Resume')
  await planned.hold('Overnight', 'approval')
  await planned.press('Overnight', 'Approve wave 2')
  await planned.open('Overnight')
  for (const deviceId of overnight)
    expect(await after.outcomeOf(deviceId)).toMatchObject({ status: 'succeeded' })
})

test('a page that crashes comes back by itself, and with it what was going on', async () => {
  const session = await app.page.context().newCDPSession(app.page)
  // The page is gone before it could answer.
  void session.send('Page.crash').catch(() => undefined)
  await expect.poll(app.output).toContain('"event":"page-ended"')
  const page = await app.pageAgain()
  const desk = new Desk(page)
  await desk.online(24)
  await expect.poll(() => desk.row('pump-0001').locator('.col-lastAction').innerText()).toContain('Rebooted')
})

test('closing the app in the middle of an action is asked about, and a person may keep it open', async () => {
  const page = await app.pageAgain()
  const desk = new Desk(page)
  await desk.askToReboot('camera-0002')
  await desk.confirmReboot()
  await expect.poll(app.output).toContain('Power save blocker 1 started')
  const questions: string[] = []
  const answerNext = (isAccepted: boolean): void =>
    void page.once('dialog', (dialog) => {
      questions.push(dialog.message())
      void (isAccepted ? dialog.accept() : dialog.dismiss())
    })

  answerNext(false)
  app.process.kill('SIGTERM')
  await expect.poll(() => questions).toHaveLength(1)
  expect(questions[0]).toContain('An action is still going on.')
  await desk.online(24)

  const ended = once(app.process, 'exit')
  answerNext(true)
  app.process.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(questions).toHaveLength(2)
})
