import { createHash } from 'node:crypto'
import { anchorsOf, codeSpans } from './markdown-page.mjs'

const ROW = /^\| *(.*?) *(?<!\\)\|/
const RULER = /^[|:\- ]+$/

/**
 * A page in parts, each with a hash of its text: one for each heading, and one for each row of a table that begins with
 * code, such as an option. So what has changed has a name.
 *
 * @returns {Record<string, string>} For instance `{ '#createcache': '…', '#createcache `redis`': '…' }`.
 */
export function partsOf(lines) {
  const anchors = anchorsOf(lines)
  const texts = new Map()
  let section = 'the beginning'
  for (const line of lines) {
    if (line.kind === 'heading') section = `#${anchors.shift()}`
    const name = line.kind === 'text' ? partOfRow(section, line.text) : section
    texts.set(name, `${texts.get(name) ?? ''}${line.text.trimEnd()}\n`)
  }
  return Object.fromEntries([...texts].map(([name, text]) => [name, hashOf(text)]))
}

/** Rows with the same names in one section are one part. */
function partOfRow(section, text) {
  const names = codeSpans(ROW.exec(text)?.[1] ?? '')
  return names.length === 0 ? section : `${section} ${names.map((name) => `\`${name}\``).join(', ')}`
}

function hashOf(text) {
  return createHash('sha256').update(text.trim()).digest('hex').slice(0, 12)
}

/** What stands in one list of parts and not, or not so, in the other. */
export function changesOf(confirmed, current) {
  const names = Object.keys(current)
  return [
    ...names
      .filter((name) => name in confirmed && confirmed[name] !== current[name])
      .map((name) => `changed: ${name}`),
    ...names.filter((name) => !(name in confirmed)).map((name) => `new: ${name}`),
    ...Object.keys(confirmed)
      .filter((name) => !(name in current))
      .map((name) => `gone: ${name}`),
  ]
}

/**
 * Where a translation differs from its source in what no language changes: the levels of headings, code, and the names
 * in the first column of tables.
 */
export function differencesOf(source, translation) {
  return [
    firstDifference('heading', headingsOf(source), headingsOf(translation)),
    firstDifference('block of code', blocksOf(source), blocksOf(translation)),
    firstDifference('row of a table', rowsOf(source), rowsOf(translation)),
  ].filter((difference) => difference !== undefined)
}

function firstDifference(what, expected, found) {
  const length = Math.max(expected.length, found.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [expected[at], found[at]]
    if (one?.text === other?.text) continue
    if (!other) return `lacks a ${what}: line ${one.number} of the source`
    if (!one) return `has a ${what} too many: line ${other.number}`
    return `has another ${what} in line ${other.number} than the source in line ${one.number}`
  }
}

function headingsOf(lines) {
  return lines
    .filter(({ kind }) => kind === 'heading')
    .map(({ number, level }) => ({ number, text: String(level) }))
}

function blocksOf(lines) {
  const blocks = []
  for (const [index, { kind, number, text }] of lines.entries()) {
    const isInside = kind === 'code' || (kind === 'fence' && lines[index - 1]?.kind === 'code')
    if (isInside) blocks.at(-1).text += `\n${text}`
    else if (kind === 'fence') blocks.push({ number, text })
  }
  return blocks
}

function rowsOf(lines) {
  return lines
    .filter(({ kind, text }) => kind === 'text' && ROW.test(text) && !RULER.test(text))
    .map(({ number, text }) => ({ number, text: codeSpans(ROW.exec(text)[1]).join(', ') }))
}
