import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessibilityFaults } from './support/accessibility.ts'
import { CampaignDesk } from './support/campaign-desk.ts'
import { Desk, recordStatuses } from './support/desk.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

let app: LaunchedApp
let desk: Desk

beforeAll(async () => {
  app = await launchApp()
  desk = new Desk(app.page)
  await desk.online(24)
})

afterAll(() => app.close())

describe('the first start', () => {
  test('shows the hub of this machine with its 25 devices', async () => {
    await expect.poll(() => app.page.getByRole('button', { name: 'Hub: Local hub' }).isVisible()).toBe(true)
    expect(await app.page.getByText('25 devices', { exact: true }).isVisible()).toBe(true)
  })
})

describe('one device', () => {
  test('is rebooted by right-click, is accepted, gone and back, and is proven by its boot ids', async () => {
    const seen = await recordStatuses(app.page, 'pump-0001')
    await desk.askToReboot('pump-0001')
    await desk.confirmReboot()
    const { status, words } = await desk.outcomeOf('pump-0001')
    expect(status).toBe('succeeded')
    expect(words).toMatch(/Boot id \S+ → \S+/)
    expect(words).toMatch(/down \d/)
    const statuses = await seen()
    expect(statuses.filter((word) => ['accepted', 'away', 'succeeded'].includes(word))).toEqual([
      'accepted',
      'away',
      'succeeded',
    ])
    await desk.reveal('pump-0001')
    await expect.poll(() => desk.row('pump-0001').innerText()).toContain('Rebooted')
  })

  test('whose id has a quote and a percent sign is shown as it is and called like any other', async () => {
    await desk.askToReboot("lab'rig=(7)?1%2f")
    await desk.confirmReboot()
    expect(await desk.outcomeOf("lab'rig=(7)?1%2f")).toMatchObject({ status: 'succeeded' })
  })

  test('can be rebooted with the keyboard alone', async () => {
    await desk.reveal('pump-0002')
    await desk.row('pump-0002').locator('.col-deviceId').click()
    await app.page.keyboard.press('ContextMenu')
    await app.page.getByRole('menu').waitFor()
    await app.page.keyboard.press('ArrowDown')
    const focused = app.page.locator(':focus')
    if (!(await focused.innerText()).startsWith('Reboot')) await app.page.keyboard.press('Home')
    await app.page.keyboard.press('Enter')
    await desk.dialog.locator('[data-verdict=ready]').waitFor()
    await app.page.keyboard.press('Enter')
    expect(await desk.outcomeOf('pump-0002')).toMatchObject({ status: 'succeeded' })
  })

  test('is asked for from the palette, too, and the keyboard is back in the grid afterwards', async () => {
    await desk.select(['pump-0005'])
    await (await desk.openPalette()).pressSequentially('reboot')
    await app.page.keyboard.press('Enter')
    await desk.dialog.getByRole('button', { name: 'Reboot 1 device' }).waitFor()
    await app.page.keyboard.press('Escape')
    await desk.dialog.waitFor({ state: 'hidden' })
    await (await desk.openPalette()).fill('journal')
    await app.page.keyboard.press('Enter')
    await new CampaignDesk(desk).journal.waitFor()
    await app.page.keyboard.press('ControlOrMeta+1')
    await desk.openPalette()
    await app.page.keyboard.press('Escape')
    await desk.grid.and(app.page.locator(':focus')).waitFor()
  })

  test('is left alone when the person cancels', async () => {
    await desk.askToReboot('pump-0003')
    await desk.dialog.getByRole('button', { name: 'Cancel' }).click()
    await desk.dialog.waitFor({ state: 'hidden' })
    expect(await desk.row('pump-0003').locator('.col-lastAction').innerText()).toBe('')
  })
})

describe('several devices', () => {
  const willing = ['valve-0001', 'valve-0002', 'gateway-0001']
  const others = ['meter-0001', 'camera-0001', 'camera-0002']

  beforeAll(async () => {
    await desk.select([...willing, ...others])
    await desk.askToReboot('valve-0001')
  })

  test('get a verdict each before anything is sent, and the offline one is left out', async () => {
    const countOf = (verdict: string): Promise<string> =>
      desk.dialog.locator(`[data-verdict=${verdict}] .count`).innerText()
    expect(await countOf('ready')).toBe('4')
    expect(await countOf('unprovable')).toBe('1')
    expect(await countOf('offline')).toBe('1')
    expect(await desk.dialog.getByRole('button', { name: 'Reboot 5 devices' }).isEnabled()).toBe(true)
  })

  test('end as what each can prove: rebooted, not provable, and unknown after the deadline', async () => {
    await desk.confirmReboot('15 seconds')
    for (const deviceId of willing)
      expect(await desk.outcomeOf(deviceId)).toMatchObject({ status: 'succeeded' })
    const tutorial = await desk.outcomeOf('meter-0001')
    expect(tutorial.status).toBe('unknown')
    expect(tutorial.words).toContain('cannot prove')
    const gone = await desk.outcomeOf('camera-0002')
    expect(gone.status).toBe('unknown')
    expect(gone.words).toContain('deadline')
    expect(await desk.target('camera-0001').count()).toBe(0)
  })

  test('leave a card in the activity that offers to look again', async () => {
    await app.page.getByRole('button', { name: '2 unknown: check again' }).click()
    await app.page.getByText('No new evidence yet.').first().waitFor()
  })
})

/** How to get to a place of the window from the fleet. */
const places: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['the fleet with its activity', () => desk.grid.waitFor()],
  ['the context menu', () => desk.openMenu('pump-0001')],
  ['the list of hubs', () => app.page.getByRole('button', { name: /^Hub: / }).click()],
  ['the palette', () => desk.openPalette()],
  ['the palette without results', async () => (await desk.openPalette()).fill('nothing')],
  ['a filter without results', () => app.page.getByRole('searchbox').fill('nobody')],
  ['adding a hub', () => desk.openAddHub()],
  ...['Factory reset', 'Update firmware', 'Invoke method'].map(
    (command) => [command, () => desk.askFor(new RegExp(`^${command}`), 'valve-0001')] as const,
  ),
  [
    'the form of a campaign',
    async () => {
      await desk.askToReboot('pump-0001')
      await new CampaignDesk(desk).runAsCanary('Accessible')
    },
  ],
]

describe('every place of the window', () => {
  test('has names, roles and contrast as WCAG 2.2 AA asks for, in light and dark', async () => {
    const faults: string[] = []
    for (const [place, go] of places) {
      await go()
      faults.push(...(await accessibilityFaults(app.page, place)))
      await desk.backToFleet()
    }
    for (const view of ['Activity', 'Journal'] as const) {
      await new CampaignDesk(desk).show(view)
      faults.push(...(await accessibilityFaults(app.page, view)))
      faults.push(...(await accessibilityFaults(app.page, view, 'dark')))
    }
    expect(faults).toEqual([])
  })

  test('is not taken for readable when its words are too faint', async () => {
    await app.page.evaluate('document.documentElement.style.setProperty("--text-muted", "#9997")')
    expect((await accessibilityFaults(app.page, 'Journal')).join()).toContain('color-contrast')
  })
})
