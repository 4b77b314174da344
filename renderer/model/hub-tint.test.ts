import { expect, test } from 'vitest'
import { HubId } from '../../contract/app/ids.ts'
import { hubProfile } from '../testing/values.ts'
import { hubTint } from './hub-tint.ts'

function azure(name: string, hubId = 'hub-1') {
  return hubProfile({ kind: 'azure', name, hostName: 'h.azure-devices.net', hubId: HubId.parse(hubId) })
}

test('a hub whose name says production is tinted as production', () => {
  for (const name of ['contoso-prod', 'PROD', 'prod2-seoul', 'live.contoso', '서울 운영']) {
    expect(hubTint(azure(name)).kind, name).toBe('production')
  }
})

test('a word that only contains the letters is not production', () => {
  for (const name of ['product-lab', 'delivery', 'reproduction']) {
    expect(hubTint(azure(name)).kind, name).toBe('azure')
  }
})

test('the host name can say production as well', () => {
  expect(hubTint({ ...azure('Seoul'), hostName: 'contoso-prod.azure-devices.net' }).kind).toBe('production')
})

test('the local hub is never production, whatever it is called', () => {
  expect(hubTint(hubProfile({ name: 'prod' })).kind).toBe('local')
})

test('a hub keeps its colour, and it is neither that of production nor that of the local hub', () => {
  const special = [hubTint(azure('prod')).hue, hubTint(hubProfile()).hue]
  for (let number = 0; number < 50; number++) {
    const { hue } = hubTint(azure('test', `hub-${number}`))
    expect(hue).toBe(hubTint(azure('renamed', `hub-${number}`)).hue)
    expect(special).not.toContain(hue)
  }
})
