declare module 'postject' {
  /** Puts `content` into a program as a resource, and marks the program as one that holds one. Changes the file. */
  // eslint-disable-next-line max-params -- its authors' choice
  export function inject(
    file: string,
    resourceName: string,
    content: Buffer,
    options: { readonly sentinelFuse: string },
  ): Promise<void>
}
