import { expect, test } from 'vitest'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import { keysOf } from './identity-secrets.ts'
import type { HubErrorCode } from './hub-error.ts'
import { moduleTwinView } from './module-view.ts'

const settings = { managedBy: undefined }
const id = { deviceId: 'd', moduleId: 'm' }
const call = { methodName: 'm', payload: 'null', connectTimeoutMs: 0, responseTimeoutMs: 1000 }

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
  const key = keysOf(identity)?.primary ?? ''
  expect(key).not.toBe(keysOf(hub.registry.get('d'))?.primary)
  expect(Buffer.from(key, 'base64')).toHaveLength(32)
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
  [
    'a module of IoT Edge',
    'NotImplemented',
    (hub) => hub.modules.create({ ...id, moduleId: '$edgeAgent' }, settings),
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

test('a module is as enabled as its device, also one that is made later', () => {
  const hub = hubWithModule()
  const setStatus = (status: 'enabled' | 'disabled') =>
    hub.registry.update('d', { status, statusReason: undefined }, '*')
  const link = connectFakeModule(hub)
  setStatus('disabled')
  hub.modules.create({ ...id, moduleId: 'later' }, settings)
  expect(hub.modules.list('d').map(({ identity }) => identity.status)).toEqual(['disabled', 'disabled'])
  expect(link.isDisconnected).toBe(true)
  setStatus('enabled')
  expect(hub.modules.list('d').map(({ identity }) => identity.status)).toEqual(['enabled', 'enabled'])
})

test('a module that is deleted is disconnected', () => {
  const hub = hubWithModule()
  const link = connectFakeModule(hub)
  hub.modules.delete(id, '*')
  expect(link.isDisconnected).toBe(true)
})

test('a module hears what is desired of it, and answers methods, apart from its device', async () => {
  const hub = hubWithModule()
  const link = connectFakeModule(hub)
  hub.modules.changeTwin(id, { ...patch('*'), change: { desired: { rate: 1 } } })
  hub.twins.change('d', { ...patch('*'), change: { desired: { rate: 2 } } })
  expect(link.desired).toEqual([{ patch: { rate: 1 }, version: 2 }])
  const answer = hub.modules.methods.invoke('d/m', call)
  await Promise.resolve()
  hub.modules.methods.answer('d/m', link.calls[0]?.requestId ?? '', { status: 201, body: Buffer.from('7') })
  expect(await answer).toEqual({ status: 201, payload: '7' })
  await expect(hub.methods.invoke('d', call)).rejects.toMatchObject({ code: 'DeviceNotOnline' })
  await expect(hub.modules.methods.invoke('d/x', call)).rejects.toMatchObject({
    code: 'ModuleNotFound',
    message: 'Module x on device d not registered',
  })
})

test('telemetry of a module is activity of the module, and not of its device', () => {
  const hub = hubWithModule()
  hub.clock.advance(5)
  hub.telemetry.receive({ ...id, body: Buffer.from('{}') })
  expect(hub.modules.get(id).identity.lastActivityAt).toBe(hub.clock.now())
  expect(hub.registry.get('d').lastActivityAt).toBeUndefined()
})

test('queries see modules as late as devices', () => {
  const hub = hubWithModule(1000)
  expect(hub.modules.rows()).toHaveLength(0)
  hub.clock.advance(1000)
  expect(hub.modules.rows()).toHaveLength(1)
})

function connectFakeModule(hub: ReturnType<typeof hubWithModule>) {
  return connectFake(hub.modules, 'd/m')
}

function patch(ifMatch: string) {
  return { change: { tags: { a: 1 } }, mode: 'patch', ifMatch } as const
}
