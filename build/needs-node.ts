/** What the bundler calls to change a file that it is about to write. */
interface NeedsNode {
  readonly name: string
  renderChunk(code: string): { code: string; map: null }
}

/** Names from a built-in module of Node, as the bundler writes them. */
const builtinImport = /^import \{([^}]*)\} from "(node:[^"]+)";$/gm

/**
 * The program says which Node it needs. An older Node would not get so far: it stops at the first import that it has
 * no module for, before a line of the program runs, so that they become calls. No line is added: the source map stays.
 */
export function needsNode(major: number, program: string): NeedsNode {
  const words = `${program} needs Node ${major} or later, and this is Node `
  const stop = `{ console.error(${JSON.stringify(words)} + process.versions.node + "."); process.exit(1) }`
  const check = `if (Number.parseInt(process.versions.node) < ${major}) ${stop} `
  return {
    name: 'needs-node',
    renderChunk: (code) => ({ code: check + code.replaceAll(builtinImport, callOf), map: null }),
  }
}

function callOf(_line: string, names: string, module: string): string {
  return `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${module}");`
}
