import path from 'node:path'
import { createBuilder } from 'vite'
import { projectFolder } from './run-program.ts'

/** node build/bundle-hub.ts: only the local hub, in one file that runs with nothing installed beside it. */
async function bundleHub(): Promise<void> {
  const builder = await createBuilder({
    configFile: path.join(projectFolder, 'vite.config.ts'),
    logLevel: 'warn',
  })
  const { hub } = builder.environments
  if (!hub) throw new Error('vite.config.ts has no environment for the hub.')
  await builder.build(hub)
}

await bundleHub()
