import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { needsNode } from './needs-node.ts'

const render = (code: string): string => needsNode(24, 'A program').renderChunk(code).code

/** What a Node of that version does with it: what it logs, and that it stops. */
function runOn(node: string, code: string): readonly unknown[] {
  const done: unknown[] = []
  const stopped = new Error('stopped')
  const process = {
    versions: { node },
    getBuiltinModule: (name: string) => ({ one: `one of ${name}`, two: `two of ${name}` }),
    exit(status: number) {
      done.push(status)
      throw stopped
    },
  }
  try {
    runInNewContext(code, { process, done, console: { error: (text: string) => done.push(text) } })
  } catch (error) {
    if (error !== stopped) throw error
  }
  return done
}

const program = 'import { one, two as second } from "node:things";\ndone.push(one, second);'

test('an older Node is told which one it should be, and nothing else runs', () => {
  expect(runOn('20.20.2', render(program))).toEqual([
    'A program needs Node 24 or later, and this is Node 20.20.2.',
    1,
  ])
})

test.each(['24.0.0', '26.1.0'])('Node %s has what the program imports', (node) => {
  expect(runOn(node, render(program))).toEqual(['one of node:things', 'two of node:things'])
})

test('every line stays where it was, for the source map', () => {
  expect(render(program).split('\n')).toHaveLength(2)
})

test.each(['import * as net from "node:net";', 'import sdk from "sdk";', 'say("import { a } from");'])(
  '%s is left as it is',
  (line) => {
    expect(render(line).endsWith(line)).toBe(true)
  },
)
