/**
 * Chromium loads no page from a scheme that was not compiled into it, so `app://drover/x` is loaded as
 * `https://drover.app.invalid/x`, which is intercepted. The top-level domain `invalid` can never exist (RFC 2606),
 * and the origin is a secure context, as that of a scheme registered as `secure` is.
 */
export function toPageUrl(url: string): string {
  const match = /^([a-z][\w+.-]*):\/\/([\w-]+)(?=[/?#]|$)/.exec(url)
  if (!match || match[1] === 'https' || match[1] === 'http') return url
  const [whole, scheme, host] = match
  return `https://${host ?? ''}.${scheme ?? ''}.invalid${url.slice(whole.length)}`
}

/** What the app's main process calls a URL, or an origin, of the page. */
export function toAppUrl(pageUrl: string): string {
  return pageUrl.replace(/^https:\/\/([\w-]+)\.([\w-]+)\.invalid(?=[/?#]|$)/, '$2://$1')
}
