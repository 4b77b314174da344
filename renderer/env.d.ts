declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  // Vue's compiler gives every single-file component a default export.
  export default component
}
