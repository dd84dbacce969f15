import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { markdownFiles } from '../../scripts/docs/markdown-page.mjs'
import { ROOT } from './project.js'

export const DOCS = `${ROOT}docs/`

/** The first heading of a page, without the backticks of code. */
export function titleOf(page) {
  return /^# (.+)$/m.exec(readFileSync(`${DOCS}${page}`, 'utf8'))[1].replaceAll('`', '')
}

/**
 * The entries of a sidebar for the pages of a folder: first those named, in this order, then whatever else is there, so
 * that no page is missing.
 */
export function entriesOf(folder, names = []) {
  const pages = markdownFiles(`${DOCS}${folder}`)
    .filter((file) => !file.includes('/') && file !== 'README.md')
    .map((file) => file.slice(0, -'.md'.length))
  const rest = pages.filter((name) => !names.includes(name))
  return [...names.filter((name) => pages.includes(name)), ...rest].map((name) =>
    entryOf(posix.join(folder, name)),
  )
}

export function entryOf(page) {
  return { text: titleOf(`${page}.md`), link: `/${page}` }
}

/** The pages that have a translation, as paths within the site: `/quickstart.html`. */
export function translatedPages(language) {
  return markdownFiles(`${DOCS}${language}`)
    .filter((file) => existsSync(`${DOCS}${file}`))
    .map((file) => file.replace(/README\.md$/, '').replace(/\.md$/, '.html'))
}
