import { SEGMENT_SEPARATOR } from './match-pattern.js'

/** One byte out of a set; `negated`: one byte that is not in it. A literal is a set of one. */
export interface ByteSet {
  readonly negated: boolean
  readonly bytes: readonly number[]
}

/** `*` stands for any number of bytes, also none. */
type GlobToken = ByteSet | '*'

/** What every match of a pattern begins with. `whole`: nothing follows, so only this text matches. */
interface LiteralPrefix {
  readonly text: string
  readonly whole: boolean
}

const ANY_BYTE: ByteSet = { negated: true, bytes: [] }
const BACKSLASH = byteOf('\\')
const CLASS_END = byteOf(']')
const DASH = byteOf('-')

/**
 * Reads a Redis glob as `KEYS` does (`stringmatchlen` in util.c): by bytes of UTF-8, so `?` is one byte; a
 * range may be written backwards; a class that is never closed ends with the glob.
 */
export function parseGlob(glob: string): GlobToken[] {
  const bytes = Buffer.from(glob)
  const tokens: GlobToken[] = []
  let at = 0
  while (at < bytes.length) {
    const byte = bytes.readUInt8(at)
    if (byte === byteOf('*')) tokens.push('*')
    else if (byte === byteOf('?')) tokens.push(ANY_BYTE)
    else if (byte === byteOf('[')) {
      const { set, end } = parseClass(bytes, at + 1)
      tokens.push(set)
      at = end
    } else {
      if (byte === BACKSLASH && at + 1 < bytes.length) at += 1
      tokens.push({ negated: false, bytes: [bytes.readUInt8(at)] })
    }
    at += 1
  }
  return tokens
}

/** Says whether a glob covers a key, in time that grows with their lengths alone. */
export function globMatcher(glob: string): (key: string) => boolean {
  const pattern = globToRegExp(parseGlob(glob))
  return (key) => pattern.test(Buffer.from(key).toString('latin1'))
}

/** For a text in which one character is one byte. */
function globToRegExp(tokens: readonly GlobToken[]): RegExp {
  const source = splitAtStars(tokens).map((run) => run.map(setToRegExp).join(''))
  const [first = '', ...rest] = source
  const last = rest.pop()
  if (last === undefined) return new RegExp(`^${first}$`)
  // A run may be taken where it first occurs and never reconsidered. A lookahead is atomic, which spares
  // the backtracking that a glob of many stars could be used to cause.
  const middle = rest.map((run, index) => `(?=([^]*?${run}))\\${index + 1}`).join('')
  return new RegExp(`^${first}${middle}[^]*${last}$`)
}

/** The runs of single bytes between the stars: one more than there are stars. */
export function splitAtStars(tokens: readonly GlobToken[]): ByteSet[][] {
  const runs: ByteSet[][] = [[]]
  for (const token of tokens) {
    if (token === '*') runs.push([])
    else runs.at(-1)?.push(token)
  }
  return runs
}

/** @example literalPrefixOfGlob('customers:[l]ist:?') // { text: 'customers:list:', whole: false } */
export function literalPrefixOfGlob(glob: string): LiteralPrefix {
  const tokens = parseGlob(glob)
  const end = tokens.findIndex((token) => !isLiteral(token))
  const literals = (end === -1 ? tokens : tokens.slice(0, end)).filter(isLiteral)
  return { text: Buffer.from(literals.flatMap(({ bytes }) => bytes)).toString(), whole: end === -1 }
}

/** @example literalPrefixOfPattern('customers:list:*') // { text: 'customers:list:', whole: false } */
export function literalPrefixOfPattern(pattern: string): LiteralPrefix {
  const segments = pattern.split(SEGMENT_SEPARATOR)
  const star = segments.indexOf('*')
  if (star === -1) return { text: pattern, whole: true }
  return {
    text: segments
      .slice(0, star)
      .map((segment) => segment + SEGMENT_SEPARATOR)
      .join(''),
    whole: false,
  }
}

function isLiteral(token: GlobToken): token is ByteSet {
  return token !== '*' && !token.negated && token.bytes.length === 1
}

/** `start` is behind the opening bracket; `end` is the last byte of the class. */
function parseClass(glob: Buffer, start: number): { set: ByteSet; end: number } {
  const negated = glob[start] === byteOf('^')
  const bytes = new Set<number>()
  let at = negated ? start + 1 : start
  for (; at < glob.length && glob[at] !== CLASS_END; at += 1) {
    const from = glob.readUInt8(at)
    const to = glob[at + 2]
    if (from === BACKSLASH && at + 1 < glob.length) {
      at += 1
      bytes.add(glob.readUInt8(at))
    } else if (glob[at + 1] === DASH && to !== undefined) {
      for (let byte = Math.min(from, to); byte <= Math.max(from, to); byte += 1) bytes.add(byte)
      at += 2
    } else bytes.add(from)
  }
  return { set: { negated, bytes: [...bytes] }, end: at }
}

/** JavaScript reads `[]` as no character and `[^]` as any, just what the empty sets mean. */
function setToRegExp({ negated, bytes }: ByteSet): string {
  return `[${negated ? '^' : ''}${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}]`
}

function byteOf(character: string): number {
  return character.charCodeAt(0)
}
