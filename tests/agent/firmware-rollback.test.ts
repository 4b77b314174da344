import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { openFirmwareField, type FirmwareField } from './support/firmware-field.ts'
import { serve } from './support/firmware-server.ts'

let field: FirmwareField

afterEach(() => field.close())

function offer(sequence = 10): object {
  const content = randomBytes(30_000)
  field.server.answerWith(serve({ bytes: content }))
  return field.release(content, { sequence, version: `${sequence}.0` })
}

const badImages = [
  ['its health check fails', 'echo "the pump does not turn" >&2; exit 1'],
  ['its health check hangs', 'sleep 1000'],
  ['its health check ends by a signal', 'kill -9 $$'],
] as const

const kinds = [
  { kind: 'needs a reboot', settings: 'REBOOT=yes\n', reboots: 2 },
  { kind: 'needs none', settings: 'REBOOT=no\n', reboots: 0 },
]
const cases = kinds.flatMap((kind) => badImages.map(([what, body]) => ({ ...kind, what, body })))

test.each(cases)('an image that $kind is taken back when $what', async ({ settings, reboots, body }) => {
  field = await openFirmwareField({ settings })
  await field.checkHealthBy(body)
  expect(await field.update(offer())).toEqual({ status: 'rolledBack', code: 'unhealthy' })
  expect(await field.installed()).toBe('factory')
  expect(field.reboots()).toBe(reboots)
  // What was not committed has raised no floor; what is, has.
  await field.checkHealthBy('exit 0')
  expect(await field.update(offer(9))).toMatchObject({ status: 'applyComplete' })
  expect(await field.update(offer(8))).toMatchObject({ status: '400', code: 'rollback' })
})
