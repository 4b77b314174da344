import { z } from 'zod'

/** A family of devices that the user's own mapping file describes. */
export const MappedDialect = z.object({
  name: z.string().max(64),
  /** The actions that it knows, with the names that its devices use. */
  actions: z.array(
    z.object({ kind: z.enum(['reboot', 'factoryReset', 'firmwareUpdate']), methodName: z.string() }),
  ),
})
export type MappedDialect = z.infer<typeof MappedDialect>
