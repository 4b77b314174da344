import { builtinModules as allBuiltins } from 'node:module'
import path from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type EnvironmentOptions } from 'vite'
import { needsNode } from './build/needs-node.ts'

/** Electron 45 is Chromium 156 with Node 24. */
const target = { page: 'chrome150', node: 'node24' } as const

/** `punycode` from npm, as the packages that ask for it mean it: Node's own is deprecated. */
const builtins = [...allBuiltins.filter((name) => name !== 'punycode'), /^node:/]

/** The device SDK loads it when a file is uploaded, which no device of ours does: two fifths of what a start would read. */
const fileUpload = '@azure/storage-blob'

interface Program {
  readonly input: string
  /** Relative to this file. */
  readonly outFile: string
  readonly format: 'es' | 'cjs'
  /** Packages that nothing of the program ever asks for: only their name stays. */
  readonly without?: readonly string[]
  /** People run it on a Node of their own, which may be too old. */
  readonly needsNode?: number
}

/** Runs in Node: everything is bundled but Node itself and Electron, for nothing is installed beside a packaged app. */
function program({ input, outFile, format, without = [], needsNode: major }: Program): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true, builtins, conditions: ['node', 'import', 'module', 'default'] },
    build: {
      outDir: path.join(import.meta.dirname, path.dirname(outFile)),
      emptyOutDir: false,
      target: target.node,
      minify: false,
      sourcemap: true,
      chunkSizeWarningLimit: 10_000,
      copyPublicDir: false,
      rolldownOptions: {
        input: path.join(import.meta.dirname, input),
        platform: 'node',
        plugins: major === undefined ? [] : [needsNode(major, path.basename(outFile))],
        external: ['electron', ...builtins, ...without],
        output: {
          format,
          // One file each, with a name that the package check can expect.
          entryFileNames: path.basename(outFile),
          codeSplitting: false,
          // The Azure SDK tells its errors and policies apart by the names of their constructors.
          keepNames: true,
          // One letter beyond ASCII, also in a comment, and V8 holds and reads all of it in two bytes each.
          charset: 'ascii',
          comments: { jsdoc: false },
        },
      },
    },
  }
}

/** All that ships, each piece for its own runtime. */
export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [vue()],
  environments: {
    client: {
      build: {
        outDir: path.join(import.meta.dirname, 'out/renderer'),
        emptyOutDir: true,
        target: target.page,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 2_000,
        // An asset inlined as a data: URL would be refused by the content security policy, but for images.
        assetsInlineLimit: 0,
      },
    },
    main: program({ input: 'electron/main.ts', outFile: 'out/main/main.js', format: 'es' }),
    preload: program({ input: 'electron/preload.ts', outFile: 'out/preload/preload.cjs', format: 'cjs' }),
    localHub: program({
      input: 'local-hub/process-entry.ts',
      outFile: 'out/main/local-hub.js',
      format: 'es',
      without: [fileUpload],
    }),
    hub: program({
      input: 'local-hub/main.ts',
      outFile: 'out/local-hub/drover-hub.mjs',
      format: 'es',
      without: [fileUpload],
      needsNode: 24,
    }),
    agent: program({
      input: 'device-agent/main.ts',
      outFile: 'out/agent/drover-agent.cjs',
      format: 'cjs',
      without: [fileUpload],
    }),
  },
  builder: {
    async buildApp(builder) {
      const { client, main, preload, localHub, hub, agent } = builder.environments
      for (const environment of [client, main, preload, localHub, hub, agent]) {
        if (environment) await builder.build(environment)
      }
    },
  },
})
