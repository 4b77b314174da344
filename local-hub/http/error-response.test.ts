import { describe, expect, test } from 'vitest'
import { HubError } from '../hub/hub-error.ts'
import { bugResponse, errorResponse, methodErrorResponse } from './error-response.ts'

const bodyOf = (json: string | undefined) =>
  JSON.parse(json ?? '') as { Message: string; ExceptionMessage: string }

describe('errors on the wire', () => {
  test('the registry names the error before a semicolon, which is what the SDK splits on', () => {
    const { status, json, headers } = errorResponse(new HubError('DeviceNotFound', 'Device x not registered'))
    expect(status).toBe(404)
    expect(headers).toEqual({ 'iothub-errorcode': 'DeviceNotFound' })
    expect(bodyOf(json).Message).toBe('ErrorCode:DeviceNotFound;Device x not registered')
    expect(bodyOf(json).ExceptionMessage).toMatch(/^Tracking ID:[0-9a-f]{32}-G:0-TimeStamp:/)
  })

  test('a method call answers JSON inside the text of Message', () => {
    const { status, json } = methodErrorResponse(new HubError('DeviceTimeout', 'Timed out'), 65_000)
    expect(status).toBe(504)
    expect(bodyOf(json).ExceptionMessage).toBe('')
    expect(JSON.parse(bodyOf(json).Message)).toMatchObject({
      errorCode: 504101,
      message: 'Timed out',
      info: { timeout: '00:01:05' },
    })
  })

  test('a method error without a timeout has no info', () => {
    const { json } = methodErrorResponse(new HubError('DeviceNotFound', 'x'), undefined)
    expect(JSON.parse(bodyOf(json).Message)).not.toHaveProperty('info')
  })

  test('a bug of the hub says nothing about itself', () => {
    expect(bugResponse()).toMatchObject({ status: 500 })
    expect(bugResponse().json).not.toMatch(/at |\.ts/)
  })

  test('a throttled request hears when to come back, in whole seconds', () => {
    const error = new HubError('ThrottlingException', 'x', { retryAfterMs: 1200 })
    for (const response of [errorResponse(error), methodErrorResponse(error, undefined)]) {
      expect(response.status).toBe(429)
      expect(response.headers).toEqual({ 'iothub-errorcode': 'ThrottlingException', 'retry-after': '2' })
    }
  })
})
