import { expect, test } from 'vitest'
import { toAppUrl, toPageUrl } from './page-url.ts'

test.each([
  ['app://drover', 'https://drover.app.invalid'],
  ['app://drover/', 'https://drover.app.invalid/'],
  ['app://drover/a/b.js?c=1#d', 'https://drover.app.invalid/a/b.js?c=1#d'],
])('%s is loaded as %s, and back', (appUrl, pageUrl) => {
  expect(toPageUrl(appUrl)).toBe(pageUrl)
  expect(toAppUrl(pageUrl)).toBe(appUrl)
})

test.each([
  'https://example.com/',
  'http://example.com/',
  'about:blank',
  'data:text/html,x',
  'file:///etc/passwd',
  'app://user@drover/',
])('%s stays what it is', (url) => {
  expect(toPageUrl(url)).toBe(url)
})

test.each([
  'https://drover.app.invalid.example.com/',
  'https://x.drover.app.invalid/',
  'https://drover.app.invalid:8443/',
  'http://drover.app.invalid/',
  'https://user@drover.app.invalid/',
])('%s is no page of the app', (url) => {
  expect(toAppUrl(url)).toBe(url)
})
