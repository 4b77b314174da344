import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const folders = '{contract,core,electron,preview,device-agent,local-hub,build}'

/** A suite that talks to real processes and sockets. */
const real = {
  environment: 'node',
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // What has to come true at all is not a question of how busy the machine is.
  expect: { poll: { timeout: 20_000 } },
} as const
/** One file at a time: a browser, or a machine that is to itself. */
const alone = { ...real, fileParallelism: false } as const

/** What the other suites do a few times, the long one does as often as it takes to be sure: the same files, more rounds. */
const repeated = [
  'core/adapters/journal-look-back.test.ts',
  'core/services/{campaign-crash,campaign-truth,key-rotation}.test.ts',
  'device-agent/{crash,delivery,soak}.test.ts',
  'device-agent/actions/firmware-interruption.test.ts',
  'device-agent/domain/exactly-once.test.ts',
  'local-hub/amqp/hostile-client.test.ts',
  'local-hub/hub/random-patches.test.ts',
  'local-hub/query/{hostile-queries,random-selections}.test.ts',
  'local-hub/store/kill.test.ts',
  'tests/agent/firmware-{attacks,download}.test.ts',
  'tests/conformance/{hostile-http,hostile-mqtt,kept-devices,persistence}.test.ts',
]

export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      { extends: true, test: { name: 'unit', environment: 'node', include: [`${folders}/**/*.test.ts`] } },
      {
        extends: true,
        test: { name: 'renderer', environment: 'happy-dom', include: ['renderer/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'layers',
          environment: 'node',
          include: ['tests/layers/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      { extends: true, test: { name: 'ipc', environment: 'node', include: ['tests/ipc/*.test.ts'] } },
      { extends: true, test: { name: 'conformance', ...real, include: ['tests/conformance/*.test.ts'] } },
      { extends: true, test: { name: 'faults', ...real, include: ['tests/faults/*.test.ts'] } },
      { extends: true, test: { name: 'agent', ...real, include: ['tests/agent/*.test.ts'] } },
      { extends: true, test: { name: 'e2e', ...alone, include: ['tests/e2e/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'long',
          ...alone,
          include: ['tests/long/*.test.ts', ...repeated],
          env: { DROVER_LONG_TESTS: '1' },
          testTimeout: 1_200_000,
        },
      },
    ],
  },
})
