import { runScript } from './run-program.ts'

/** npm run agent: the device agent by itself. */
process.exit(await runScript('device-agent/main.ts', process.argv.slice(2)))
