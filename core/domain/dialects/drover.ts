import { readReported, reportedRoot } from '../../../contract/device/reported.ts'
import type { DialectRules } from './dialect.ts'

/**
 * Drover's own agent. It reports under the action's own id, so what it did is read from its reports (see
 * `core/domain/kinds`), and each of its requests carries that id.
 */
export const drover = {
  name: 'drover',
  paths: [[reportedRoot]],
  recognises: (reported) => readReported(reported).agent !== undefined,
  readState: (reported) => ({ firmwareVersion: readReported(reported).agent?.firmwareVersion }),
  readMethods: (reported) => readReported(reported).agent?.actions,
  // Its requests need the action's id and how long they hold, which a family does not know.
  request: () => undefined,
} satisfies DialectRules
