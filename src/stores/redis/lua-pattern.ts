import { type ByteSet, parseGlob, splitAtStars } from '../../keys/glob.js'
import { SEGMENT_SEPARATOR } from '../../keys/match-pattern.js'

/**
 * Lua patterns that a key must hold one after the other, each from where the one before it ended.
 *
 * They are cut at the stars because Lua backtracks: as one pattern, a glob of many stars could keep Redis
 * busy for minutes. Cut, the first place where a piece fits is always a right one.
 */
type LuaPieces = readonly (string | Buffer)[]

/** For a whole key, as `KEYS` would see it. */
export function globToLua(glob: string): LuaPieces {
  const runs = splitAtStars(parseGlob(glob)).map((run) => run.map(setToLua).join(''))
  return runs.map((run, index) =>
    toArgument(`${index === 0 ? '^' : ''}${run}${index === runs.length - 1 ? '$' : ''}`),
  )
}

/** For a key without its variant; the same as `matchesPattern`. */
export function patternToLua(pattern: string): LuaPieces {
  const segments = pattern.split(SEGMENT_SEPARATOR)
  const translated = segments.map((segment, index) => {
    if (segment !== '*') return literalToLua(segment)
    return index === segments.length - 1 ? '.*' : `[^${SEGMENT_SEPARATOR}]*`
  })
  return [`^${translated.join(SEGMENT_SEPARATOR)}$`]
}

function literalToLua(text: string): string {
  return [...text].map(escapeCharacter).join('')
}

function setToLua({ negated, bytes }: ByteSet): string {
  const characters = bytes.map((byte) => escapeCharacter(String.fromCharCode(byte)))
  if (bytes.length === 0) return negated ? '.' : NO_BYTE
  if (bytes.length === 1 && !negated) return characters.join('')
  return `[${negated ? '^' : ''}${characters.join('')}]`
}

/** Lua has no empty class. */
const NO_BYTE = '[^%z\x01-\xff]'

/** A pattern is a C string in Lua 5.1, which is what Redis runs: `%z` is its name for a zero byte. */
function escapeCharacter(character: string): string {
  if (character === '\0') return '%z'
  return /[A-Za-z0-9\u0080-\u{10FFFF}]/u.test(character) ? character : `%${character}`
}

/** One character is one byte here; ioredis would send those above 127 as two. */
function toArgument(bytes: string): string | Buffer {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1') : bytes
}
