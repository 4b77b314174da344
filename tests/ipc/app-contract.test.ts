import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { appApi } from '../../contract/app/api.ts'
import type { Contract, Endpoint } from '../../contract/rpc/contract.ts'

const contract: Contract = appApi
const endpoints = Object.entries(contract).flatMap(([group, names]) =>
  Object.entries(names).map(([name, endpoint]): [string, Endpoint] => [`${group}.${name}`, endpoint]),
)

/** The names of all properties that a schema lets through, at any depth. */
function propertyNames(schema: z.ZodType): string[] {
  const names: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('properties' in value) names.push(...Object.keys(value.properties as object))
    Object.values(value).forEach(walk)
  }
  walk(z.toJSONSchema(schema, { unrepresentable: 'any' }))
  return names
}

/** Whether a schema lets through what it does not name. */
function isOpen(schema: z.ZodType): boolean {
  return /"additionalProperties":(true|\{\})/.test(
    JSON.stringify(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })),
  )
}

const secretName = /secret|key$|keys$|sas$|signature|password|token|credential|connectionstring/i

describe('the contract between the window and the application', () => {
  test('has outputs to look at', () => {
    expect(endpoints.length).toBeGreaterThan(10)
    expect(endpoints.flatMap(([, endpoint]) => propertyNames(output(endpoint))).length).toBeGreaterThan(30)
  })

  test.each(endpoints)('%s lets no secret out', (_, endpoint) => {
    expect(propertyNames(output(endpoint)).filter((name) => secretName.test(name))).toEqual([])
  })

  test.each(endpoints)('%s lets nothing out that it does not name', (_, endpoint) => {
    expect(isOpen(output(endpoint))).toBe(false)
  })

  test('would notice a secret', () => {
    const leaky = z.object({ hubs: z.array(z.object({ connectionString: z.string() })) })
    expect(propertyNames(leaky).filter((name) => secretName.test(name))).toEqual(['connectionString'])
  })
})

function output(endpoint: Endpoint): z.ZodType {
  return endpoint.kind === 'call' ? endpoint.output : endpoint.value
}
