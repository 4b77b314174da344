import type { Locator } from 'playwright-core'
import type { Desk } from './desk.ts'

/** The parts of the window that campaigns and the journal are about. */
export class CampaignDesk {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get form(): Locator {
    return this.#desk.dialog.getByRole('region', { name: 'Run as a campaign' })
  }

  /** Selects the devices and opens the dialog of a command over all of them. */
  async askOver(deviceIds: readonly string[], command: RegExp): Promise<void> {
    await this.#desk.select(deviceIds)
    await this.#desk.askFor(command, deviceIds.at(-1) ?? '')
  }

  /** One device first, then the rest, each wave approved by a person. */
  async runAsCanary(name: string): Promise<void> {
    await this.form.getByRole('checkbox', { name: /^Run as a campaign/ }).check()
    await this.form.getByLabel('Name (optional)').fill(name)
    await this.form.getByLabel('Waves', { exact: true }).selectOption({ label: '1 device, then the rest' })
    await this.form.getByRole('spinbutton', { name: 'Wait after each wave' }).fill('0')
    await this.form.getByRole('checkbox', { name: 'A person approves each wave' }).check()
  }

  /** What the newest action of this name is held by. */
  async hold(name: string, kind: string): Promise<void> {
    const held = this.card(name).locator(`[data-hold=${kind}]`)
    await held.waitFor({ timeout: 45_000 })
  }

  card(name: string): Locator {
    return this.#desk.page.locator('[data-action-id]').filter({ hasText: name }).first()
  }

  async open(name: string): Promise<void> {
    await this.card(name).locator('[aria-expanded]').click()
  }

  /** Presses the one button that a card has: what matters next about its action. */
  async press(name: string, words: string): Promise<void> {
    await this.card(name).getByRole('button', { name: words, exact: true }).click()
  }

  /** Does something about the action that is open, wherever its button is. */
  async take(step: 'pause' | 'cancel' | 'retry' | 'clone'): Promise<void> {
    await this.#desk.page.locator(`[data-step=${step}]`).first().click()
    if (step === 'clone') await this.#desk.dialog.locator('[data-verdict]').first().waitFor()
  }

  async chooseInFileMenu(item: string): Promise<void> {
    await this.#desk.dialog.getByRole('button', { name: 'Campaign file…' }).click()
    await this.#desk.page.getByRole('menuitem', { name: item }).click()
  }

  async openJobs(): Promise<void> {
    await this.#desk.page.getByRole('button', { name: /^Hub: / }).click()
    await this.#desk.page.getByRole('menuitem', { name: 'Jobs of the hub…' }).click()
    await this.#desk.dialog.locator('[data-job-id]').first().waitFor()
  }

  async followEvents(hubName: string): Promise<void> {
    await this.#desk.page.getByRole('button', { name: /^Hub: / }).click()
    await this.#desk.page.getByRole('menuitem', { name: `Settings of ${hubName}…` }).click()
    await this.#desk.dialog.getByRole('checkbox', { name: /^Follow by the hub’s own events/ }).check()
    await this.#desk.submit('Save settings')
  }

  async openMappings(): Promise<void> {
    await this.#desk.page.getByRole('button', { name: 'Settings' }).click()
    await this.#desk.page.getByRole('menuitem', { name: 'Device families…' }).click()
    await this.#desk.dialog.waitFor()
  }

  async confirm(count: number, hubName: string): Promise<void> {
    await this.#desk.dialog.getByLabel(`Number of devices: ${count}`).fill(String(count))
    await this.#desk.dialog.getByLabel(`Name of the hub: ${hubName}`).fill(hubName)
  }

  async show(view: 'Fleet' | 'Activity' | 'Journal'): Promise<void> {
    await this.#desk.page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('button', { name: view })
      .click()
  }

  get journal(): Locator {
    return this.#desk.page.getByRole('table', { name: 'Journal' })
  }
}
