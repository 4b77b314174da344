import type { IForbiddenRuleType } from 'dependency-cruiser'

/** What the modules of a folder may import; paths are regular expressions from the top of the repository. */
interface Layer {
  readonly name: string
  readonly from: string
  readonly may: readonly string[]
}

const npm = (...names: string[]): string[] => names.map((name) => `(^|/)node_modules/${name}/`)
const node = '^node:|^[a-z_/0-9]+$'
const agentRuntime = [...npm('azure-iot-.*', 'zod'), '^https-proxy-agent$', node]

const layers: readonly Layer[] = [
  { name: 'contract-imports-only-itself-and-zod', from: '^contract/', may: ['^contract/', ...npm('zod')] },
  {
    name: 'domain-is-pure',
    from: '^core/domain/',
    may: [
      '^core/domain/',
      '^contract/(app|device)/',
      '^contract/(errors|faults)',
      ...npm('zod', 'jsonc-parser'),
    ],
  },
  {
    name: 'ports-know-domain-and-contract',
    from: '^core/ports/',
    may: ['^core/(ports|domain)/', '^contract/'],
  },
  {
    name: 'services-know-no-adapter',
    from: '^core/services/',
    may: ['^core/(services|domain|ports)/', '^contract/'],
  },
  {
    name: 'adapters-know-no-service',
    from: '^core/adapters/',
    may: [
      '^core/(adapters|ports|domain)/',
      '^contract/',
      ...npm('azure-.*', '@azure/.*', 'rhea', 'ws', 'zod'),
      '^csv-stringify/sync$',
      node,
    ],
  },
  {
    name: 'electron-is-a-thin-host',
    from: '^electron/',
    may: ['^electron/', '^core/application', '^core/ports/', '^contract/', ...npm('electron', 'zod'), node],
  },
  {
    name: 'preview-knows-only-electron',
    from: '^preview/',
    may: ['^preview/', ...npm('electron', 'playwright-core'), node],
  },
  {
    name: 'renderer-knows-only-the-contract',
    from: '^renderer/',
    may: [
      '^renderer/',
      '^contract/(app|errors|faults)',
      '^contract/rpc/(connect|port|contract)',
      ...npm('vue', '@vue/.*', 'vue-i18n', 'reka-ui', '@tanstack/.*', '@lucide/vue', 'vite', 'zod'),
      '^pinia$',
    ],
  },
  {
    name: 'agent-knows-only-the-device-protocol',
    from: '^device-agent/',
    may: ['^device-agent/', '^contract/device/', ...agentRuntime],
  },
  {
    name: 'local-hub-knows-only-itself',
    from: '^local-hub/(?!fleet/)',
    may: [
      '^local-hub/',
      ...npm('mqtt-packet', 'rhea', 'ws', 'chevrotain', '@peculiar/x509', 'reflect-metadata', 'zod'),
      node,
    ],
  },
  {
    name: 'fleet-may-start-agents',
    from: '^local-hub/fleet/',
    may: ['^local-hub/', '^device-agent/', ...npm('mqtt-packet'), ...agentRuntime],
  },
]

const testCode = '\\.test\\.ts$|/testing/|^tests/|^bench/'

/** The architecture as rules; `docs/architecture.md` explains each. */
export const rules: readonly IForbiddenRuleType[] = [
  ...layers.map(({ name, from, may }): IForbiddenRuleType => ({
    name,
    severity: 'error',
    from: { path: from, pathNot: testCode },
    to: { pathNot: [...may] },
  })),
  {
    name: 'the-azure-sdks-are-known-to-their-adapters-only',
    severity: 'error',
    from: {
      pathNot: [testCode, '^core/adapters/azure-', '^device-agent/', '^local-hub/fleet/', 'node_modules'],
    },
    to: { path: npm('azure-.*', '@azure/.*') },
  },
  {
    name: 'only-the-hosts-know-electron',
    severity: 'error',
    from: { pathNot: ['^electron/', '^preview/', '^build/', '^tests/e2e/', 'node_modules'] },
    to: { path: npm('electron') },
  },
  {
    name: 'nothing-knows-the-preview',
    severity: 'error',
    from: { pathNot: ['^preview/', '^build/', testCode] },
    to: { path: '^preview/' },
  },
  {
    name: 'components-use-stores-never-the-client',
    severity: 'error',
    from: { path: '^renderer/(components|views)/', pathNot: testCode },
    to: { path: '^renderer/api/|^contract/rpc/' },
  },
  {
    // The demo is the stories' own page model with nobody watching; nothing of build/ ships.
    name: 'no-test-code-in-production',
    severity: 'error',
    from: { pathNot: [testCode, '^build/', '\\.config\\.ts$'] },
    to: { path: testCode },
  },
  {
    name: 'no-cycles',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
]

export const ruleNames: readonly string[] = rules.map(({ name }) => name ?? '')
