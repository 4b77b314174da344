import { afterAll, beforeAll, test } from 'vitest'
import { openField, type Field } from './support/field.ts'
import { killAgainAndAgain } from './support/killing.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

test(
  'an agent that is killed again and again, at any moment, reboots its machine once for each action',
  () => killAgainAndAgain({ field, devices: 2, kills: 10 }),
  120_000,
)
