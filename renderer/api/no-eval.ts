import { config } from 'zod'

// zod probes for `new Function` when it makes its first schema; the window's policy forbids that and would report it.
// Import this module before any other: the schemas of the contract are made as they are loaded.
config({ jitless: true })
