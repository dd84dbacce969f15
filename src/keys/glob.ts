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

/**
 * Says whether a glob covers a key, whatever the glob.
 *
 * What is between two stars is taken where it first occurs and never reconsidered: there is no backtracking that a glob
 * of many stars could be used to cause. A regular expression that does the same is refused from some length on.
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const steps = parseGlob(glob)
    // Several stars in a row say no more than one.
    .filter((token, index, tokens) => token !== '*' || tokens[index - 1] !== '*')
    .map((token) => (token === '*' ? token : tableOf(token)))
  return (key) => isCovered(steps, ONE_BYTE_EACH.test(key) ? key : Buffer.from(key).toString('latin1'))
}

/** For each byte whether a set has it. */
type ByteTable = Uint8Array

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is all of ASCII, whose characters are one byte of UTF-8.
const ONE_BYTE_EACH = /^[\x00-\x7f]*$/

function tableOf({ negated, bytes }: ByteSet): ByteTable {
  const table = new Uint8Array(256).fill(negated ? 1 : 0)
  for (const byte of bytes) table[byte] = negated ? 0 : 1
  return table
}

/** @param text - One character for each byte. */
function isCovered(steps: readonly (ByteTable | '*')[], text: string): boolean {
  let step = 0
  let at = 0
  // Where to go on once a run does not fit: behind the last star, one byte further.
  let runStart = -1
  let runAt = -1
  while (at < text.length) {
    const wanted = steps[step]
    if (wanted === '*') {
      step += 1
      runStart = step
      runAt = at
    } else if (wanted?.[text.charCodeAt(at)] === 1) {
      step += 1
      at += 1
    } else if (runStart === -1) {
      return false
    } else {
      step = runStart
      runAt += 1
      at = runAt
    }
  }
  return step === steps.length || (step === steps.length - 1 && steps[step] === '*')
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

function byteOf(character: string): number {
  return character.charCodeAt(0)
}
