import type { ActionKind, ActionParameters } from '../../contract/app/parameters.ts'
import { oneLine } from '../model/json-layout.ts'
import { useText } from './use-text.ts'

/** A method name may have 100 characters; a title or a button shows this many. */
const longestName = 40

/** What an action does, in words: on a card, on the button that starts it, in the strip. */
export function useActionWords() {
  const { t, tCount } = useText()

  function title(kind: ActionKind, count: number, methodName = ''): string {
    const method = methodName === '' ? t('method.unnamed') : oneLine(methodName, longestName)
    return tCount(`action.title.${kind}`, count, kind === 'method' ? { method } : {})
  }

  return {
    title,
    titleOf: (parameters: ActionParameters, count: number): string =>
      title(parameters.kind, count, parameters.kind === 'method' ? parameters.methodName : ''),
    /** Without the number of devices. */
    kindOf: (parameters: ActionParameters): string =>
      parameters.kind === 'method'
        ? oneLine(parameters.methodName, longestName)
        : t(`action.kind.${parameters.kind}`),
  }
}
