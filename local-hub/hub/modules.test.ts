import { expect, test } from 'vitest'
import { addDevice, newHub } from '../testing/new-hub.ts'
import type { HubErrorCode } from './hub-error.ts'
import { moduleTwinView } from './module-view.ts'

const settings = { keys: {}, managedBy: undefined }
const id = { deviceId: 'd', moduleId: 'm' }

function hubWithModule(queryLagMs = 0) {
  const hub = newHub(queryLagMs)
  addDevice(hub, 'd')
  hub.modules.create(id, settings)
  return hub
}

function codeOf(act: () => unknown): HubErrorCode | 'no error' {
  try {
    act()
    return 'no error'
  } catch (error) {
    return (error as { code: HubErrorCode }).code
  }
}

test('a module gets keys of its own', () => {
  const hub = hubWithModule()
  const { identity } = hub.modules.get(id)
  expect(identity.keys.primary).not.toBe(hub.registry.get('d').keys.primary)
  expect(Buffer.from(identity.keys.primary, 'base64')).toHaveLength(32)
})

test('modules of different devices with the same id are different', () => {
  const hub = hubWithModule()
  addDevice(hub, 'other')
  expect(hub.modules.list('other')).toEqual([])
  hub.modules.create({ ...id, deviceId: 'other' }, { ...settings, managedBy: 'someone' })
  expect([hub.modules.get(id).managedBy, hub.modules.list('other')[0]?.managedBy]).toEqual([
    undefined,
    'someone',
  ])
})

test('modules are listed in order of creation', () => {
  const hub = hubWithModule()
  hub.modules.create({ ...id, moduleId: 'a' }, settings)
  expect(hub.modules.list('d').map(({ moduleId }) => moduleId)).toEqual(['m', 'a'])
})

test.each<[string, HubErrorCode, (hub: ReturnType<typeof hubWithModule>) => unknown]>([
  ['a module that exists', 'ModuleAlreadyExistsOnDevice', (hub) => hub.modules.create(id, settings)],
  ['a bad id', 'ArgumentInvalid', (hub) => hub.modules.create({ ...id, moduleId: 'a/b' }, settings)],
  ['no device', 'DeviceNotFound', (hub) => hub.modules.create({ ...id, deviceId: 'x' }, settings)],
  ['a list of no device', 'DeviceNotFound', (hub) => hub.modules.list('x')],
  ['no module', 'ModuleNotFound', (hub) => hub.modules.get({ ...id, moduleId: 'x' })],
  [
    'a twin of no module',
    'ModuleNotFound',
    (hub) => hub.modules.changeTwin({ ...id, moduleId: 'x' }, patch('*')),
  ],
  ['an old etag', 'PreconditionFailed', (hub) => hub.modules.update(id, settings, '"old"')],
  ['an old etag to delete', 'PreconditionFailed', (hub) => hub.modules.delete(id, '"old"')],
  ['an old etag of the twin', 'PreconditionFailed', (hub) => hub.modules.changeTwin(id, patch('"old"'))],
])('%s is refused with %s', (_what, code, act) => {
  expect(codeOf(() => act(hubWithModule()))).toBe(code)
})

test('a device has at most 50 modules, and room again after one is deleted', () => {
  const hub = hubWithModule()
  for (let index = 1; index < 50; index += 1) hub.modules.create({ ...id, moduleId: `m${index}` }, settings)
  expect(codeOf(() => hub.modules.create({ ...id, moduleId: 'more' }, settings))).toBe(
    'TooManyModulesOnDevice',
  )
  hub.modules.delete(id, '*')
  expect(codeOf(() => hub.modules.create({ ...id, moduleId: 'more' }, settings))).toBe('no error')
})

test('an update changes the etag and keeps the twin', () => {
  const hub = hubWithModule()
  const before = hub.modules.changeTwin(id, patch('*'))
  const after = hub.modules.update(id, { ...settings, managedBy: 'me' }, before.identity.etag)
  expect(after.managedBy).toBe('me')
  expect(after.identity.etag).not.toBe(before.identity.etag)
  expect(after.identity.twin).toEqual(before.identity.twin)
})

test('the twin is the module its own, and shows both ids', () => {
  const hub = hubWithModule()
  const { identity } = hub.modules.changeTwin(id, patch('*'))
  expect(moduleTwinView(identity)).toMatchObject({ deviceId: 'd', moduleId: 'm', tags: { a: 1 } })
  expect(moduleTwinView(identity)).not.toHaveProperty('capabilities')
  expect(hub.registry.get('d').twin.tags).toEqual({})
})

test('the modules of a device go with it, and do not come back with its id', () => {
  const hub = hubWithModule()
  hub.registry.delete('d', '*')
  expect(hub.modules.rows()).toEqual([])
  expect(codeOf(() => hub.modules.get(id))).toBe('DeviceNotFound')
  addDevice(hub, 'd')
  expect(hub.modules.list('d')).toEqual([])
})

test('queries see modules as late as devices', () => {
  const hub = hubWithModule(1000)
  expect(hub.modules.rows()).toHaveLength(0)
  hub.clock.advance(1000)
  expect(hub.modules.rows()).toHaveLength(1)
})

function patch(ifMatch: string) {
  return { change: { tags: { a: 1 } }, mode: 'patch', ifMatch } as const
}
