// Makes one TypeScript module of the stores' Lua scripts, so that nothing reads files at run time and bundlers need no
// loader. It is written only if it changed, so that `tsc -b` sees no change where there is none.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { root, STORES, scriptsOf, unusedPieces } from './lua/compose.mjs'

const target = join(root, 'src/stores/lua/scripts.generated.ts')

const HEAD = `// Made by scripts/generate-lua.mjs from the .lua files of the stores. Do not edit.

function script<const Keys extends readonly string[]>(keys: Keys, ...parts: readonly string[]) {
  return { keys, lua: parts.join('\\n') }
}
`

/** Redis keeps a script as it is sent, so it is sent without what Lua does not need. */
function bare(texts) {
  const lines = texts.map((text) => text.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('--')).join('\n')
}

/** Neighbouring lines of one file. */
function partsOf({ lines }) {
  const parts = []
  for (const { text, file } of lines) {
    if (parts.at(-1)?.file !== file) parts.push({ file, texts: [] })
    parts.at(-1).texts.push(text)
  }
  return parts
    .map(({ file, texts }) => ({ name: nameOf(file), text: bare(texts) }))
    .filter(({ text }) => text !== '')
}

function nameOf(file) {
  return basename(file, '.lua').replaceAll('-', '_').toUpperCase()
}

function literal(text) {
  return `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``
}

/** What several scripts have in common, by its text: the constant that holds it. */
function sharedParts(parts) {
  const shared = new Map()
  for (const [at, { name, text }] of parts.entries()) {
    if (shared.has(text) || parts.findIndex((other) => other.text === text) === at) continue
    const namesakes = [...shared.values()].filter((taken) => taken === name || taken.startsWith(`${name}_`))
    shared.set(text, namesakes.length > 0 ? `${name}_${namesakes.length + 1}` : name)
  }
  return shared
}

function property(script, shared) {
  const keys = `[${script.keys.map((key) => `'${key}'`).join(', ')}]`
  const parts = partsOf(script).map(({ text }) => shared.get(text) ?? literal(text))
  return `  '${script.name}': script(${[keys, ...parts].join(', ')}),`
}

function moduleText() {
  const stores = STORES.map((store) => ({ name: `${store.toUpperCase()}_LUA`, scripts: scriptsOf(store) }))
  const shared = sharedParts(stores.flatMap(({ scripts }) => scripts.flatMap(partsOf)))
  const constants = [...shared].map(([text, name]) => `const ${name} = ${literal(text)}\n`)
  const properties = ({ scripts }) => scripts.map((script) => property(script, shared)).join('\n')
  const objects = stores.map((store) => `export const ${store.name} = {\n${properties(store)}\n}\n`)
  return [HEAD, ...constants, ...objects].join('\n')
}

try {
  const [unused] = unusedPieces()
  if (unused) throw new Error(`${unused}: no script includes it`)
  const text = moduleText()
  if (existsSync(target) && readFileSync(target, 'utf8') === text) {
    console.log('Lua scripts: up to date.')
  } else {
    writeFileSync(target, text)
    console.log(`Lua scripts: generated ${relative(root, target)}.`)
  }
} catch (error) {
  console.error(`Lua scripts: ${error.message}`)
  process.exit(1)
}
