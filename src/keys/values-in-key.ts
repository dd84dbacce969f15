import { DEFAULT_MARK } from './default-value.js'
import { ANY, type Placeholder, type Template } from './template.js'

/**
 * The values that a key has for the placeholders of its template; undefined where a default stands for one.
 *
 * @returns undefined, if the template does not give that key.
 */
export function valuesInKey(
  { segments }: Template,
  key: string,
): ReadonlyMap<Placeholder, string | undefined> | undefined {
  const placeholders: Placeholder[] = []
  const expressions = segments.map((segment) => {
    if (segment === ANY) return '.+'
    return segment
      .map((part) => {
        if (typeof part === 'string') return part.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
        placeholders.push(part)
        return '([^:]+)'
      })
      .join('')
  })
  const found = new RegExp(`^${expressions.join(':')}$`).exec(key)
  if (!found) return undefined
  return new Map(placeholders.map((placeholder, nth) => [placeholder, textOfValue(found[nth + 1] ?? '')]))
}

function textOfValue(text: string): string | undefined {
  if (text.startsWith(DEFAULT_MARK)) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
