import { runScript } from './run-program.ts'

/** npm run hub: the local hub by itself. */
process.exit(await runScript('local-hub/main.ts', process.argv.slice(2)))
