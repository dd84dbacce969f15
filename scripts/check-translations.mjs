// Checks that each page of docs/ja is in step with the page of the same name in docs/: that nobody has changed the
// English page since the translation was confirmed, and that code, headings and the names in tables are the same.
//
//   node scripts/check-translations.mjs                            all
//   node scripts/check-translations.mjs --confirm docs/ja/page.md  this page says what the English one says now
//
// What was confirmed is in docs/ja/translations.json, part by part, so that an error names what has changed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { markdownFiles, readPage } from './docs/markdown-page.mjs'
import { changesOf, differencesOf, partsOf } from './docs/translation.mjs'

const { values } = parseArgs({
  options: { confirm: { type: 'string', multiple: true, default: [] }, root: { type: 'string' } },
})
const root = resolve(values.root ?? join(dirname(fileURLToPath(import.meta.url)), '..'))
const translated = join(root, 'docs/ja')
const ledger = join(translated, 'translations.json')
const confirmed = existsSync(ledger) ? JSON.parse(readFileSync(ledger, 'utf8')) : {}

/** @returns What keeps a page from being confirmed, and what the English page has that was not confirmed. */
function stateOf(page) {
  const source = join(root, 'docs', page)
  if (!existsSync(source)) return { faults: [`translates docs/${page}, which there is not`], changes: [] }
  const lines = readPage(source)
  const parts = partsOf(lines)
  return {
    faults: differencesOf(lines, readPage(join(translated, page))),
    changes: changesOf(confirmed[page] ?? {}, parts),
    parts,
  }
}

function confirm(path) {
  const page = relative(translated, resolve(root, path)).split('\\').join('/')
  if (!existsSync(join(translated, page)) || page.startsWith('..')) {
    fail(`${path}: there is no such page in docs/ja`)
    return
  }
  const { faults, changes, parts } = stateOf(page)
  if (faults.length > 0) {
    fail(...faults.map((fault) => `docs/ja/${page}: ${fault}`), 'It was not confirmed.')
    return
  }
  confirmed[page] = parts
  const sorted = Object.fromEntries(
    Object.entries(confirmed).sort(([one], [other]) => (one < other ? -1 : 1)),
  )
  writeFileSync(ledger, `${JSON.stringify(sorted, null, 2)}\n`)
  console.log(`docs/ja/${page}: ${changes.length === 0 ? 'nothing has changed' : 'confirmed'}`)
  for (const change of changes) console.log(`  ${change}`)
}

function check() {
  const pages = markdownFiles(translated)
  for (const page of pages) {
    const { faults, changes } = stateOf(page)
    for (const fault of faults) fail(`docs/ja/${page}: ${fault}`)
    if (changes.length === 0) continue
    fail(
      `docs/ja/${page}: docs/${page} is not what it was when this translation was confirmed:`,
      ...changes.map((change) => `  ${change}`),
      `  "git log -p docs/${page}" shows how. Bring the Japanese page in step, then confirm it:`,
      `  node scripts/check-translations.mjs --confirm docs/ja/${page}`,
    )
  }
  const gone = Object.keys(confirmed).filter((page) => !pages.includes(page))
  for (const page of gone) fail(`docs/ja/translations.json: there is no docs/ja/${page}; take its entry out`)
  if (!process.exitCode) console.log(`Translations: ${pages.length} pages in step.`)
}

function fail(...lines) {
  for (const line of lines) console.error(line)
  process.exitCode = 1
}

if (values.confirm.length > 0) values.confirm.forEach(confirm)
else check()
