import { expect, test } from 'vitest'
import { ActionStatus, Engine } from '../../contract/app/action.ts'
import { CommandNote } from '../../contract/app/campaign-file.ts'
import { HubJob } from '../../contract/app/job.ts'
import { ActionKind } from '../../contract/app/parameters.ts'
import { Hold, OfflinePolicy } from '../../contract/app/policy.ts'
import { Estimate, Verdict, Warning } from '../../contract/app/preflight.ts'
import { Phase, ReasonCode, TargetStatus } from '../../contract/app/target.ts'
import { HubNote, HubState } from '../../contract/app/hub.ts'
import { faults } from '../../contract/faults.ts'
import { stepKinds } from '../model/action-steps.ts'
import { outcomes } from '../model/action-progress.ts'
import { deviceColumns } from '../model/device-columns.ts'
import { journalEvents } from '../model/journal-events.ts'
import { mistakeKinds } from '../model/json-mistake.ts'
import { methodTimeoutsMs } from '../model/method-timeouts.ts'
import { deadlinesMs } from '../model/deadlines.ts'
import { presetNames } from '../model/waves.ts'
import { languages, type Language } from '../../contract/app/language.ts'
import { createText, messages } from './i18n.ts'

function flat(value: object, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? flat(inner, `${path}${key}.`)
      : [[path + key, String(inner)] as const],
  )
}

function placeholders(message: string): string[] {
  return [...new Set(message.match(/\{\w+\}/g))].toSorted()
}

test('every language says the same things with the same values in them', () => {
  const english = new Map(flat(messages.en))
  const korean = new Map(flat(messages.ko))
  expect([...korean.keys()].toSorted()).toEqual([...english.keys()].toSorted())
  for (const [key, message] of english) {
    expect(placeholders(korean.get(key) ?? ''), key).toEqual(placeholders(message))
  }
})

/** What a success is called depends on the kind of the action. */
const unfinished = TargetStatus.options.filter((status) => status !== 'succeeded')

const named: readonly (readonly [string, readonly (string | number)[]])[] = [
  ['reason', ReasonCode.options],
  ['reasonStep', ReasonCode.options],
  ['limit', Estimate.shape.boundBy.options],
  ['warning', Warning.options.map(({ shape }) => `${shape.kind.value}.meaning`)],
  ['warning', Warning.options.map(({ shape }) => `${shape.kind.value}.step`)],
  ['hold', Hold.options.map(({ shape }) => shape.kind.value)],
  ['campaign.preset', [...presetNames, 'custom']],
  ['campaign.offlineMode', OfflinePolicy.options.map(({ shape }) => shape.mode.value)],
  ['campaign.engineName', Engine.options],
  ['campaign.engineHint', Engine.options],
  ['step', stepKinds],
  ['journal.events', journalEvents],
  ['jobs.type', HubJob.shape.type.options],
  ['jobs.status', HubJob.shape.status.options],
  ['verdict', Verdict.options],
  ['verdictMeaning', Verdict.options.filter((verdict) => verdict !== 'ready')],
  ['readyMeaning', ActionKind.options],
  ['targetStatus', unfinished],
  ['doneStatus', ActionKind.options],
  ['doneMeaning', ActionKind.options],
  ['statusMeaning', unfinished],
  ['phase', Phase.options],
  ['phaseMeaning', Phase.options],
  ['actionStatus', ActionStatus.options],
  ['action.kind', ActionKind.options],
  ['action', ActionKind.options],
  ['action.title', ActionKind.options],
  ['preflight.title', ActionKind.options],
  ['preflight.nothing', ActionKind.options],
  ['json', mistakeKinds],
  ['hub.note', HubNote.options],
  ['campaign.commandNote', CommandNote.options],
  ['fault', Object.keys(faults).flatMap((id) => [`${id}.meaning`, `${id}.step`])],
  ['hub', HubState.options.map(({ shape }) => shape.kind.value)],
  ['source', ['query', 'twin']],
  ['outcome', outcomes],
  ['activity.counted', outcomes],
  ['actionStatus', ['held']],
  ['column', deviceColumns.map(({ key }) => key)],
  ['deadline', [...Object.values(deadlinesMs).flat(), ...methodTimeoutsMs]],
]

test.each(languages)('whatever the application can say has words in %s', (language: Language) => {
  const text = createText(language).global
  for (const [group, names] of named) {
    for (const name of names) expect(text.te(`${group}.${name}`, language), `${group}.${name}`).toBe(true)
  }
})

test.each(languages)('no message in %s breaks the syntax of messages', (language: Language) => {
  const { t } = createText(language).global
  for (const [key] of flat(messages[language])) expect(t(key, { count: '2' }, 2), key).not.toBe(key)
})

test('no fault is said in English in another language', () => {
  const { t } = createText('ko').global
  for (const id of Object.keys(faults)) {
    expect(t(`fault.${id}.meaning`), id).toMatch(/\p{Script=Hangul}/u)
    expect(t(`fault.${id}.step`), id).toMatch(/\p{Script=Hangul}/u)
  }
})

test('text of a device that looks like a message is shown as it is', () => {
  const { t } = createText('en').global
  const hostile = '@:app.name {count} | <img src=x onerror=alert(1)>'
  expect(t('fleet.noMatch', { filter: hostile })).toContain(hostile)
})

test('one device is not "1 devices"', () => {
  const { t } = createText('en').global
  expect(t('action.title.reboot', { count: '1' }, 1)).toBe('Reboot 1 device')
  expect(t('action.title.reboot', { count: '12' }, 12)).toBe('Reboot 12 devices')
  expect(t('action.copyIds', { count: '1' }, 1)).toBe('Copy device id')
  expect(t('action.title.method', { count: '1', method: 'a|b' }, 1)).toBe('Invoke a|b on 1 device')
})
