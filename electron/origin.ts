/** Where the app's own pages live. A scheme of its own, because `file:` has no origin that can be compared. */
export const appScheme = 'app'
export const appHost = 'drover'
export const appOrigin = `${appScheme}://${appHost}`
export const appStartUrl = `${appOrigin}/index.html`

/**
 * Whether the URL is one of the app's own pages.
 * The parts are compared, not the beginning of the text: `app://drover.evil.example` begins alike.
 */
export function isAppUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    url.protocol === `${appScheme}:` && url.host === appHost && url.username === '' && url.password === ''
  )
}
