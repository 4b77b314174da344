/**
 * The same object, but using what the look-alike does not have is an error that names it,
 * so that the app and the look-alike cannot drift apart unnoticed.
 */
export function strictly<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, property) {
      if (typeof property === 'string' && !(property in object) && !isAskedByLanguage(property)) {
        throw new Error(
          `The Electron look-alike has no ${name}.${property}. Add it to preview/, or do without it.`,
        )
      }
      const value: unknown = Reflect.get(object, property, object)
      // Private fields exist on the object itself, not on its proxy.
      return typeof value === 'function' ? (value.bind(object) as unknown) : value
    },
  })
}

/** `await` asks for `then`, and JSON.stringify for `toJSON`, whether there is one or not. */
function isAskedByLanguage(property: string): boolean {
  return property === 'then' || property === 'toJSON'
}
