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
