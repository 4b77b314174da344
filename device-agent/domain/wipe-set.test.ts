import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWithin, keptBy, problemOfWipe } from './wipe-set.ts'

const own = { stateFolder: '/data/agent', identityFiles: ['/etc/drover-agent/connection-string'] }

describe('a path to wipe', () => {
  test.each(['/home', '/var/lib/app', '/data/photos', '/etc/app', '/data/agent-photos', '/srv/'])(
    'may be %s',
    (path) => {
      expect(problemOfWipe(path, own)).toBeUndefined()
    },
  )

  test.each([
    ['/', 'whole disk'],
    ['//', 'whole disk'],
    ['/home/..', 'whole disk'],
    ['/data', 'own record'],
    ['/data/agent', 'own record'],
    ['/data/agent/old', 'own record'],
    ['/data/x/../agent/', 'own record'],
    ['/usr', '/usr'],
    ['/usr/share/app', '/usr'],
    ['/etc', '/etc/drover-agent'],
    ['/etc/drover-agent/connection-string', '/etc/drover-agent'],
    ['/var', '/var/lib/drover-agent'],
    ['/var/lib', '/var/lib/drover-agent'],
    ['/boot/../lib', '/lib'],
  ])('may not be %s', (path, named) => {
    expect(problemOfWipe(path, own)).toContain(named)
  })

  test('is never one that holds the record, however it is written', () => {
    const part = fc.constantFrom('data', 'agent', 'x', '..', '.', '')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const path = `/${parts.join('/')}`
        if (problemOfWipe(path, own) === undefined) expect(isWithin(own.stateFolder, path)).toBe(false)
      }),
    )
  })
})

describe('what is kept', () => {
  test('names the identity and the network, unless they are wiped', () => {
    expect(keptBy({ wipe: ['/home'], keep: [] }, own)).toEqual(['identity', 'network'])
    expect(keptBy({ wipe: ['/etc/network'], keep: [] }, own)).toEqual(['identity'])
    const elsewhere = { ...own, identityFiles: [...own.identityFiles, '/data/app/key'] }
    expect(keptBy({ wipe: ['/data/app'], keep: [] }, elsewhere)).toEqual(['network'])
    expect(keptBy({ wipe: ['/data/app'], keep: ['/data/app/key'] }, elsewhere)).toEqual([
      'identity',
      'network',
      '/data/app/key',
    ])
  })

  test('does not name a network of which a part is wiped', () => {
    expect(keptBy({ wipe: ['/etc/netplan/50-wifi.yaml'], keep: [] }, own)).toEqual(['identity'])
  })
})
