import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { openServiceWithToken, refusalOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('a client that signs in with a token credential', 'ownHub'), () => {
  let scene: LocalScene

  beforeAll(async () => {
    scene = await openLocalHub({ testToken: 'token-of-a-test' })
  })

  afterAll(() => scene.close())

  const serviceWith = (token: string) => openServiceWithToken(scene.local.hostName, token, scene.target.agent)

  test('may do what the owner may, with the token that was configured', async () => {
    const { registry } = serviceWith('token-of-a-test')
    await registry.create({ deviceId: 'd' })
    await registry.updateTwin('d', { tags: { a: 1 } }, '*')
    expect((await registry.getTwin('d')).responseBody.tags).toMatchObject({ a: 1 })
  })

  test('may do nothing with another token', async () => {
    for (const token of ['token-of-a-tes', 'undefined', 'eyJ0eXAiOiJKV1QifQ.e30.AAAA']) {
      expect((await refusalOf(serviceWith(token).registry.list())).status).toBe(401)
    }
  })

  test('may do nothing on a hub without a test token', async () => {
    const strict = await openLocalHub()
    const service = openServiceWithToken(strict.local.hostName, 'token-of-a-test', strict.target.agent)
    expect((await refusalOf(service.registry.list())).status).toBe(401)
    await strict.close()
  })
})
