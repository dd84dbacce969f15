import { escapeValue } from './escape-value.js'

/** What the spelling of a default begins with. No value has it in a key, so no request can ask for what is kept there. */
export const DEFAULT_MARK = '|'

/** What stands in a key for a value that is absent. */
export interface DefaultValue {
  /** As it stands in a key: `|all`; or, where the default is declared to mean the value, `all`. */
  readonly spelling: string
  /** As the value of that text stands in a key. */
  readonly value: string
}

/**
 * Reads what a placeholder has after its bar: `all`, which is told from the value `all`; or `=all`, which means the same.
 *
 * @returns undefined where nothing is there.
 * @example
 * parseDefault('all') // { spelling: '|all', value: 'all' }
 * parseDefault('=all') // { spelling: 'all', value: 'all' }
 */
export function parseDefault(text: string): DefaultValue | undefined {
  const meansValue = text.startsWith('=')
  const escaped = escapeValue(meansValue ? text.slice(1) : text)
  if (escaped.kind !== 'text') return undefined
  const value = escaped.text
  return { spelling: meansValue ? value : DEFAULT_MARK + value, value }
}

/** Whether a value of the default's text is another thing than an absent one. */
export function isApart({ spelling, value }: DefaultValue): boolean {
  return spelling !== value
}
