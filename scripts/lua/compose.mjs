// Composes the Lua scripts of the stores from their files. A line `-- include: <name>` stands for the file of that name
// in `pieces/` beside the script, or else among the pieces that all stores share; a script gets each piece once, where
// it is first asked for.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const stores = join(root, 'src/stores')
const sharedPieces = join(stores, 'lua')

/** The stores that have scripts, by the names of their folders. */
export const STORES = ['cluster', 'redis']

/** All scripts of a store in the order of their names: each with its keys, and its lines with where they stand. */
export function scriptsOf(store) {
  const folder = join(stores, store, 'lua')
  return namesIn(folder).map((name) => {
    const file = join(folder, `${name}.lua`)
    return {
      store,
      name,
      keys: keysInHeader(file),
      lines: linesOf(file, [join(folder, 'pieces'), sharedPieces]),
    }
  })
}

/** Pieces that no script includes. */
export function unusedPieces() {
  const used = new Set(STORES.flatMap(scriptsOf).flatMap(({ lines }) => lines.map(({ file }) => file)))
  const folders = [sharedPieces, ...STORES.map((store) => join(stores, store, 'lua/pieces'))]
  const pieces = folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, `${name}.lua`)))
  return pieces.map(shown).filter((piece) => !used.has(piece))
}

function namesIn(folder) {
  const files = existsSync(folder) ? readdirSync(folder) : []
  return files
    .filter((file) => file.endsWith('.lua'))
    .map((file) => basename(file, '.lua'))
    .sort()
}

function linesOf(file, folders, included = new Set()) {
  included.add(file)
  return textLines(file).flatMap((text, index) => {
    const piece = /^ *-- include: (.+)$/.exec(text)?.[1]
    if (piece === undefined) return [{ text, file: shown(file), line: index + 1 }]
    const found = folders.map((folder) => join(folder, `${piece}.lua`)).find((path) => existsSync(path))
    if (found === undefined) throw new Error(`${shown(file)}:${index + 1}: there is no piece '${piece}'`)
    return included.has(found) ? [] : linesOf(found, folders, included)
  })
}

/** `-- KEYS: index, value`; `-- ARGV:` has to follow. */
function keysInHeader(file) {
  const lines = textLines(file)
  const keysAt = lines.findIndex((line) => line.startsWith('-- KEYS: '))
  if (keysAt === -1 || !lines[keysAt + 1]?.startsWith('-- ARGV: ')) {
    throw new Error(`${shown(file)}: the header lacks "-- KEYS: …" with "-- ARGV: …" in the next line`)
  }
  return lines[keysAt].slice('-- KEYS: '.length).split(', ')
}

function textLines(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n')
}

function shown(file) {
  return relative(root, file)
}
