import type { Locator, Page } from 'playwright-core'

/** The window as a person uses it: by role and by what is written on it. */
export class Desk {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get grid(): Locator {
    return this.page.getByRole('grid', { name: 'Devices' })
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  row(deviceId: string): Locator {
    return this.grid.locator(`[data-device-id=${JSON.stringify(deviceId)}]`)
  }

  /** Resolves when so many devices of the shown hub are online. */
  async online(count: number): Promise<void> {
    await this.page.getByText(`${count} online`, { exact: true }).waitFor({ timeout: 45_000 })
  }

  /** Scrolls until the device's row is there: only the rows in view exist. */
  async reveal(deviceId: string): Promise<void> {
    for (let offset = 0; offset < 100_000; offset += 96) {
      const isPastEnd = await this.page.evaluate<boolean>(scrollGridTo(offset))
      if (await this.row(deviceId).isVisible()) return
      if (isPastEnd) break
    }
    throw new Error(`There is no row of ${deviceId}.`)
  }

  /** Selects the devices one by one, the way one does with the Ctrl key. */
  async select(deviceIds: readonly string[]): Promise<void> {
    for (const [index, deviceId] of deviceIds.entries()) {
      await this.reveal(deviceId)
      await this.row(deviceId)
        .locator('.col-deviceId')
        .click(index === 0 ? {} : { modifiers: ['ControlOrMeta'] })
    }
  }

  async openMenu(deviceId: string): Promise<Locator> {
    await this.reveal(deviceId)
    await this.row(deviceId).locator('.col-deviceId').click({ button: 'right' })
    const menu = this.page.getByRole('menu')
    await menu.waitFor()
    return menu
  }

  /** Right-click, and a command of the menu: its dialog is open and has its verdicts. */
  async askFor(command: string | RegExp, deviceId: string): Promise<void> {
    const menu = await this.openMenu(deviceId)
    await menu.getByRole('menuitem', { name: command }).click()
    await this.dialog.locator('[data-verdict]').first().waitFor()
  }

  /** Everything that can be done, by the keyboard alone. */
  async openPalette(): Promise<Locator> {
    await this.page.keyboard.press('ControlOrMeta+k')
    const palette = this.page.getByRole('combobox', { name: 'Commands' })
    await palette.waitFor()
    return palette
  }

  async askToReboot(deviceId: string): Promise<void> {
    await this.askFor(/^Reboot/, deviceId)
  }

  async typeJson(label: string, json: string): Promise<void> {
    await this.dialog.getByLabel(label).fill(json)
  }

  async fillMethod(name: string, payload = ''): Promise<void> {
    await this.dialog.getByLabel('Method name').fill(name)
    await this.typeJson('Payload (JSON)', payload)
  }

  async chooseUsedMethod(item: string): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Used before' }).click()
    await this.page.getByRole('menuitem', { name: item }).first().click()
  }

  submitButton(words: string): Locator {
    return this.dialog.getByRole('button', { name: words, exact: true })
  }

  async submit(words: string): Promise<void> {
    await this.submitButton(words).click()
    await this.dialog.waitFor({ state: 'hidden' })
  }

  async confirmReboot(deadline?: string): Promise<void> {
    if (deadline) await this.dialog.getByLabel('Give up waiting after').selectOption({ label: deadline })
    await this.dialog.getByRole('button', { name: /^Reboot \d+ devices?$/ }).click()
    await this.dialog.waitFor({ state: 'hidden' })
  }

  /** The row of a device in the activity next to the grid. */
  target(deviceId: string): Locator {
    return this.page
      .getByRole('table', { name: 'Devices of this action' })
      .locator(`[data-device-id=${JSON.stringify(deviceId)}]`)
  }

  /** What the activity says of a device once it is settled: the status, and the evidence or the reason in words. */
  async outcomeOf(deviceId: string, timeout = 45_000): Promise<Outcome> {
    const settled = this.target(deviceId).and(
      this.page.locator(
        '[data-status=succeeded], [data-status=failed], [data-status=unknown], [data-status=cancelled]',
      ),
    )
    await settled.waitFor({ timeout })
    const status = (await settled.getAttribute('data-status')) ?? ''
    const words = (await settled.locator('.target-evidence').innerText()).trim()
    return { deviceId, status, words }
  }

  async chooseHub(name: string): Promise<void> {
    await this.page.getByRole('button', { name: /^Hub: / }).click()
    await this.page.getByRole('menuitemradio', { name }).click()
  }

  /** Closes what is open above the grid, and gives up the filter. */
  async backToFleet(): Promise<void> {
    const floating = this.page.locator('[role=dialog], [role=menu]')
    for (let step = 0; step < 3 && (await floating.count()) > 0; step += 1) {
      await this.page.keyboard.press('Escape')
      await this.page.getByRole('menu').first().waitFor({ state: 'detached' })
    }
    await floating.first().waitFor({ state: 'detached' })
    await this.page.getByRole('searchbox').fill('')
  }

  async openAddHub(): Promise<void> {
    await this.page.getByRole('button', { name: /^Hub: / }).click()
    await this.page.getByRole('menuitem', { name: 'Add hub…' }).click()
    await this.dialog.waitFor()
  }

  async fillHub({ connectionString, name = '', extraCa }: HubToAdd): Promise<void> {
    await this.dialog.getByLabel('Connection string', { exact: true }).fill(connectionString)
    await this.dialog.getByLabel('Name (optional)').fill(name)
    if (extraCa === undefined) return
    const field = this.dialog.getByLabel('Extra CA certificates (PEM)')
    if (!(await field.isVisible())) await this.dialog.getByText('Advanced').click()
    await field.fill(extraCa)
  }

  /** Adds a hub that is there; its devices are what is shown then. */
  async addHub(hub: HubToAdd): Promise<void> {
    await this.openAddHub()
    await this.fillHub(hub)
    await this.submitHub()
    await this.dialog.waitFor({ state: 'hidden' })
  }

  async submitHub(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Add hub', exact: true }).click()
  }
}

export interface Outcome {
  readonly deviceId: string
  readonly status: string
  readonly words: string
}

export interface HubToAdd {
  readonly connectionString: string
  readonly name?: string
  readonly extraCa?: string
}

/** Scripts of the page are text: the tests are compiled for Node, which knows no `document`. */
function scrollGridTo(offset: number): string {
  return `(async () => {
    const grid = document.querySelector('[role=grid]')
    grid.scrollTop = ${offset}
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    return ${offset} > grid.scrollHeight
  })()`
}

/**
 * Writes down each status and phase that the activity shows for a device, from now on: what a person sees passes too
 * fast to be asked for.
 */
export async function recordStatuses(page: Page, deviceId: string): Promise<() => Promise<string[]>> {
  await page.evaluate(`globalThis.seenStatuses = []
    new MutationObserver(() => {
      for (const row of document.querySelectorAll('[role=table] [data-device-id]')) {
        if (row.dataset.deviceId !== ${JSON.stringify(deviceId)}) continue
        const word = row.dataset.phase ?? row.dataset.status
        if (word !== seenStatuses.at(-1)) seenStatuses.push(word)
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true })`)
  return () => page.evaluate<string[]>('seenStatuses')
}
