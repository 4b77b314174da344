import type { MenuItemConstructorOptions } from 'electron'
import { expect, test } from 'vitest'
import { menuTemplate } from './menu.ts'

function roles(template: readonly MenuItemConstructorOptions[]): string[] {
  return template.flatMap(({ role, submenu }) => [
    ...(role === undefined ? [] : [role]),
    ...(Array.isArray(submenu) ? roles(submenu) : []),
  ])
}

test('who works on Drover can reload the window and look into it', () => {
  expect(roles(menuTemplate({ platform: 'linux', isDevelopment: true }))).toEqual(
    expect.arrayContaining(['reload', 'toggleDevTools']),
  )
})

test('who uses it cannot', () => {
  const offered = roles(menuTemplate({ platform: 'linux', isDevelopment: false }))
  expect(offered).not.toContain('reload')
  expect(offered).not.toContain('toggleDevTools')
})

test.each(['linux', 'win32'] as const)('on %s the app can be quit from the menu', (platform) => {
  expect(roles(menuTemplate({ platform, isDevelopment: false }))).toContain('quit')
})

test('on macOS the first menu is the application menu, which holds Quit', () => {
  expect(menuTemplate({ platform: 'darwin', isDevelopment: false })[0]).toEqual({ role: 'appMenu' })
})

test('text can be cut, copied and pasted from the menu', () => {
  expect(roles(menuTemplate({ platform: 'darwin', isDevelopment: false }))).toContain('editMenu')
})
