import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { createApp, nextTick, type App, type Component } from 'vue'
import { provideLink } from '../api/client.ts'
import { createText } from '../text/i18n.ts'
import type { FakeApp } from './fake-app.ts'

/** The stores over an application, without any component; they are the active ones. */
export function useStoresOf(app: FakeApp): void {
  const pinia = createPinia()
  const host = createApp({})
  provideLink(host, app.link)
  host.use(pinia)
  setActivePinia(pinia)
}

/** A component in the document over an application, with the window's plugins; its stores are the active ones. */
export function show(app: FakeApp, component: Component, props: Record<string, unknown> = {}): VueWrapper {
  const pinia = createPinia()
  const link = (host: App): void => {
    provideLink(host, app.link)
  }
  const plugins = [link, pinia, createText('en')]
  const shown = mount(component, { props, attachTo: document.body, global: { plugins } }) as VueWrapper
  setActivePinia(pinia)
  return shown
}

/** happy-dom lays nothing out; a virtual list needs a height to show rows in. */
export function giveElementsASize(widthPx = 1200, heightPx = 640): void {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => widthPx })
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => heightPx })
}

/** The button with these words, anywhere in the document: dialogs and menus leave their component. */
export function button(words: string | RegExp): HTMLButtonElement {
  const matches = (element: Element): boolean => {
    const name = element.getAttribute('aria-label') ?? element.textContent.trim()
    return typeof words === 'string' ? name === words : words.test(name)
  }
  const found = [...document.querySelectorAll('button')].find(matches)
  if (!found) throw new Error(`There is no button ${String(words)} in: ${document.body.textContent}`)
  return found
}

/** The place to type in that has this label. */
export function field(label: string): HTMLInputElement | HTMLTextAreaElement {
  const found = [...document.querySelectorAll('label')].find(
    ({ textContent }) => textContent.trim() === label,
  )
  const element = document.getElementById(found?.htmlFor ?? '')
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) return element
  throw new Error(`There is no field ${label} in: ${document.body.textContent}`)
}

export async function type(label: string, text: string): Promise<void> {
  const element = field(label)
  element.value = text
  element.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}
