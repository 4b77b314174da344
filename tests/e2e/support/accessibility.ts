import axe from 'axe-core'
import type { AxeResults, RunOnly } from 'axe-core'
import type { Page } from 'playwright-core'

/** WCAG 2.2 up to AA; in the dark only the colours are others. */
const runOnly = {
  light: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  dark: { type: 'rule', values: ['color-contrast'] },
} satisfies Record<'light' | 'dark', RunOnly>

/** What axe finds wrong with the page as it is now: a line each, with the place. */
export async function accessibilityFaults(
  page: Page,
  place: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  const { violations } = await run(page, runOnly[colorScheme])
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${place}, ${colorScheme}: ${id} at ${target.join(' ')}: ${failureSummary}`,
    ),
  )
}

async function run(page: Page, only: RunOnly): Promise<AxeResults> {
  // The page's own rules forbid it to load scripts, so the library comes in by the way of DevTools.
  if (!(await page.evaluate<boolean>('"axe" in globalThis')))
    await page.evaluate(`{ ${axe.source}; undefined }`)
  const options = { runOnly: only, resultTypes: ['violations'] }
  return page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`)
}
