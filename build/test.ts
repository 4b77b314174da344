import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { findChromium } from './chromium.ts'
import { projectFolder, runProgram } from './run-program.ts'

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

interface Step {
  readonly name: string
  readonly run: () => Promise<Count>
}

const bin = (name: string): string => path.join(projectFolder, 'node_modules', name)
const results = path.join(projectFolder, 'out/test')
/** Most tests of real processes wait for each other, so a machine with two cores does two files at a time. */
const workers = Math.max(2, os.availableParallelism() - 1)

/** A program that says yes or no: it counts as one test. */
function check(name: string, program: string, ...args: string[]): Step {
  return {
    name,
    async run() {
      const code = await runProgram(process.execPath, [bin(program), ...args])
      return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
    },
  }
}

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
})

/** The named projects of vitest.config.ts; each of their tests counts. */
function suite(name: string, ...projects: string[]): Step {
  return {
    name,
    async run() {
      const report = path.join(results, `${name}.json`)
      const chosen = projects.flatMap((project) => ['--project', project])
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
      const code = await runProgram(process.execPath, [
        bin('vitest/vitest.mjs'),
        'run',
        ...chosen,
        ...reporters,
        `--maxWorkers=${workers}`,
      ])
      return countOf(report, code)
    },
  }
}

/** A file that could not even be collected, or an error outside of any test, is a failure that no test counts. */
function countOf(report: string, code: number): Count {
  const { numPassedTests, numFailedTests, numPendingTests } = Report.parse(
    JSON.parse(readFileSync(report, 'utf8')),
  )
  const failed = code === 0 ? numFailedTests : Math.max(1, numFailedTests)
  return { passed: numPassedTests, failed, skipped: numPendingTests }
}

const steps: readonly Step[] = [
  check('types', 'vue-tsc/bin/vue-tsc.js', '--build'),
  check('lint', 'eslint/bin/eslint.js', '.', '--max-warnings', '0'),
  check('format', 'prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  check('unused code', 'knip/bin/knip.js'),
  suite('layers', 'layers'),
  suite('unit', 'unit', 'renderer', 'ipc'),
  suite('conformance', 'conformance', 'faults'),
  suite('agent', 'agent'),
  suite('stories', 'e2e'),
  // What takes minutes however fast the machine is.
  suite('long', 'long'),
]

/**
 * npm test [-- [--long] name...]: all of the above but `long`, or the named ones, or `all`. `--long` repeats each test
 * as often as it takes to be sure.
 */
async function test(args: readonly string[]): Promise<number> {
  const isLong = args.includes('--long')
  if (isLong) process.env['DROVER_LONG_TESTS'] = '1'
  const names = args.filter((arg) => arg !== '--long')
  const isEach = isLong || names.includes('all')
  const chosen = (name: string): boolean =>
    names.every((each) => each === 'all') ? name !== 'long' || isEach : names.includes(name)
  rmSync(results, { recursive: true, force: true })
  mkdirSync(results, { recursive: true })
  // The stories need a browser: getting one now keeps its download out of their time limits.
  console.log(`Browser: ${await findChromium({ needsWindow: false })}`)
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { name, run } of steps.filter((step) => chosen(step.name))) {
    console.log(`\n== ${name}`)
    const { passed, failed, skipped } = await runSafely(run)
    console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
    total.passed += passed
    total.failed += failed
    total.skipped += skipped
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed === 0 && total.passed > 0 ? 0 : 1
}

async function runSafely(run: Step['run']): Promise<Count> {
  try {
    return await run()
  } catch (error) {
    console.error(error)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

process.exit(await test(process.argv.slice(2)))
