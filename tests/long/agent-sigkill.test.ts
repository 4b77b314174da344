import path from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { buildApp } from '../../build/build.ts'
import { projectFolder } from '../../build/run-program.ts'
import { openField, type Field } from '../agent/support/field.ts'
import { killAgainAndAgain } from '../agent/support/killing.ts'

let field: Field
beforeAll(async () => {
  await buildApp()
  field = await openField()
})
afterAll(() => field.close())

test('the program that ships, killed two hundred times, reboots its machine once for each action', () =>
  killAgainAndAgain({
    field,
    devices: 10,
    kills: 200,
    program: path.join(projectFolder, 'out/agent/drover-agent.cjs'),
  }))
