/** What moves a cursor, and what turns the direction of writing. */
const CONTROL = /[\p{Cc}\p{Bidi_Control}]/gu

/**
 * A text of one line that does nothing to a terminal: whoever may write into Redis could else move its cursor, or make
 * what is shown look like something else.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, escaped)
}

/** The same of several lines. */
export function printableLines(text: string): string {
  return text.replace(CONTROL, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  )
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
