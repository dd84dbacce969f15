// Checks that each relative link of the documentation leads to a file, and to a heading where it names one. An argument
// is the folder to check, without one the project.
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anchorsOf, documentation, readPage, withoutCode } from './docs/markdown-page.mjs'

/** Of a link or a picture: what is shown may itself stand in brackets. */
const LINK = /\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)/g
const ELSEWHERE = /^[a-z][a-z\d+.-]*:|^\/\//i

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'))
const anchors = new Map()

/** @returns What is wrong with the link, or nothing. */
function faultOf(page, target) {
  const [path, anchor] = target.split('#')
  const file = path === '' ? join(root, page) : resolve(root, dirname(page), decodeURIComponent(path))
  if (relative(root, file).startsWith('..')) return 'leads out of the project'
  if (!existsSync(file)) return `there is no ${relative(root, file)}`
  if (anchor === undefined) return
  if (!file.endsWith('.md') || statSync(file).isDirectory()) return 'only pages have headings'
  if (!anchors.has(file)) anchors.set(file, new Set(anchorsOf(readPage(file))))
  if (!anchors.get(file).has(decodeURIComponent(anchor))) return `${relative(root, file)} has no such heading`
}

const pages = documentation(root)
const faults = pages.flatMap((page) =>
  readPage(join(root, page))
    .filter(({ kind }) => kind === 'text' || kind === 'heading')
    .flatMap(({ number, text }) =>
      [...withoutCode(text).matchAll(LINK)].map(([, target]) => ({ number, target })),
    )
    .filter(({ target }) => !ELSEWHERE.test(target))
    .map(({ number, target }) => ({ number, target, fault: faultOf(page, target) }))
    .filter(({ fault }) => fault !== undefined)
    .map(({ number, target, fault }) => `${page}:${number}: ${target}: ${fault}`),
)
for (const fault of faults) console.error(fault)
console.log(`Links: ${pages.length} pages checked, ${faults.length} lead nowhere.`)
process.exitCode = faults.length > 0 ? 1 : 0
