import { describe, expect, test } from 'vitest'
import type { AppError } from '../../../contract/errors.ts'
import { readJsonFile } from '../json-place.ts'
import type { Json } from '../json.ts'
import { MappingFile, mappedDialects, summarise } from './mapped.ts'

const text = `{
  "format": "drover-dialects",
  "version": 1,
  "dialects": [
    {
      "name": "acme",
      "recognisedBy": "acme.agent",
      "firmwareVersion": "acme.fw.version",
      "reboot": { "method": "acmeReboot", "payload": { "delay": 5 }, "bootTime": "acme.bootTime" },
      "firmwareUpdate": {
        "method": "acmeUpdate",
        "payload": { "url": "{fwPackageUri}", "label": "v{fwVersion}", "list": ["{fwVersion}", 1] },
        "status": "acme.fw.state",
        "at": "acme.fw.changed",
        "words": { "downloading": ["FETCH"], "done": ["OK"], "failed": ["ERR"] }
      }
    }
  ]
}
`
const read = (file: string): MappingFile => readJsonFile(MappingFile, { name: 'acme.json', text: file })
const [acme] = mappedDialects(read(text))
const update = {
  kind: 'firmwareUpdate',
  fwVersion: '2.0.0',
  fwPackageUri: 'https://packages.example/$&.bin',
} as const

describe('a family of the user', () => {
  const reported: Json = {
    acme: { agent: {}, bootTime: 'monday', fw: { version: '1.0', state: 'FETCH', changed: 'now' } },
  }

  test('is recognised by what it always reports', () => {
    expect(acme?.recognises(reported)).toBe(true)
    expect(acme?.recognises({ acme: {} })).toBe(false)
  })

  test('is read where the file says', () => {
    expect(acme?.readState(reported)).toMatchObject({
      firmwareVersion: '1.0',
      bootTime: 'monday',
      firmware: { stage: 'downloading', word: 'FETCH', at: 'now' },
    })
  })

  test('is asked as the file says, with the version and the address put in as they are', () => {
    expect(acme?.request({ kind: 'reboot' })).toMatchObject({
      methodName: 'acmeReboot',
      payload: { delay: 5 },
    })
    expect(acme?.request(update)).toMatchObject({
      methodName: 'acmeUpdate',
      payload: { url: 'https://packages.example/$&.bin', label: 'v2.0.0', list: ['2.0.0', 1] },
    })
    expect(acme?.request({ kind: 'factoryReset' })).toBeUndefined()
  })

  test('is read from the hub with all that it needs', () => {
    expect(acme?.paths).toContainEqual(['acme', 'fw', 'state'])
    expect(acme?.paths).toContainEqual(['acme', 'bootTime'])
  })

  test('is shown with the methods that it has', () => {
    expect(summarise(read(text))).toEqual([
      {
        name: 'acme',
        actions: [
          { kind: 'reboot', methodName: 'acmeReboot' },
          { kind: 'firmwareUpdate', methodName: 'acmeUpdate' },
        ],
      },
    ])
  })
})

describe('a mistake in the file', () => {
  const mistake = (change: (good: string) => string): AppError => {
    try {
      read(change(text))
    } catch (error) {
      return error as AppError
    }
    throw new Error('It was taken.')
  }

  test.each<[string, [number, string], (good: string) => string]>([
    ['a comma too many', [4, 'not JSON'], (good) => good.replace('[\n', '[,\n')],
    ['a path with a dollar sign', [7, 'recognisedBy'], (good) => good.replace('acme.agent', 'acme.$agent')],
    ['a key that nobody knows', [9, 'bootTyme'], (good) => good.replace('"bootTime":', '"bootTyme":')],
    ['a method that is missing', [10, 'method'], (good) => good.replace('"method": "acmeUpdate",', '')],
    ['words without the end', [15, 'done'], (good) => good.replace('"done": ["OK"], ', '')],
    ['another format', [2, 'format'], (good) => good.replace('drover-dialects', 'yaml')],
  ])('%s is named with its line', (_, [line, what], change) => {
    const { code, message } = mistake(change)
    expect(code).toBe('invalid-input')
    expect(message).toContain(`Line ${line} of acme.json`)
    expect(message).toContain(what)
  })

  test('an empty file is said to be empty', () => {
    expect(mistake(() => '').message).toContain('Line 1 of acme.json')
  })
})
