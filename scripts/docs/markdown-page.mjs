import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FENCE = /^\s*(`{3,}|~{3,})(.*)$/
const HEADING = /^(#{1,6}) +(.+?) *#*$/
const CODE_SPAN = /(`+)(.+?)\1/g

/** The markdown files below a folder, as paths from it, in their order. */
export function markdownFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => file.split('\\').join('/'))
    .filter((file) => file.endsWith('.md'))
    .sort()
}

/**
 * A page, line by line: what is a heading, what is code, and what is text.
 *
 * @returns {{ number: number, text: string, kind: 'heading' | 'code' | 'fence' | 'text', level?: number, title?: string }[]}
 *   `number` counts from 1. A fence is the line that begins or ends a block of code.
 */
export function readPage(file) {
  return linesOf(readFileSync(file, 'utf8'))
}

function linesOf(markdown) {
  let open
  return markdown.split(/\r?\n/).map((text, index) => {
    const line = { number: index + 1, text }
    const fence = FENCE.exec(text)?.[1]
    if (open) {
      const closes = fence?.startsWith(open) && text.trim() === fence
      if (closes) open = undefined
      return { ...line, kind: closes ? 'fence' : 'code' }
    }
    if (fence) {
      open = fence
      return { ...line, kind: 'fence' }
    }
    const heading = HEADING.exec(text)
    return heading
      ? { ...line, kind: 'heading', level: heading[1].length, title: heading[2] }
      : { ...line, kind: 'text' }
  })
}

/** The anchors of a page's headings, in their order: a title that comes again is counted. */
export function anchorsOf(lines) {
  const seen = new Map()
  return lines
    .filter(({ kind }) => kind === 'heading')
    .map(({ title }) => {
      const slug = headingSlug(titleText(title))
      const times = seen.get(slug) ?? 0
      seen.set(slug, times + 1)
      return times === 0 ? slug : `${slug}-${times}`
    })
}

/**
 * The anchor that GitHub gives a heading. The site gives the same.
 *
 * @public
 */
export function headingSlug(text) {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}

/** A title without links and marks. */
function titleText(title) {
  return title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')
}

/** What stands in backticks. */
export function codeSpans(text) {
  return [...text.matchAll(CODE_SPAN)].map(([, , code]) => code)
}

/** Text without what stands in backticks, in which nothing is a link. */
export function withoutCode(text) {
  return text.replace(CODE_SPAN, (whole) => ' '.repeat(whole.length))
}

/** Files that a project shows in its first folder, and all of docs/. */
export function documentation(root) {
  const own = readdirSync(root).filter((name) => name.endsWith('.md'))
  return [...own.sort(), ...markdownFiles(join(root, 'docs')).map((file) => `docs/${file}`)]
}
