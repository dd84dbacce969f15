// What is published has no source maps, which would be half of it, and no line that names one: tools complain of maps that
// are not there. The build names them, and `npm pack` does not while it packs: with --never they are taken out, without it
// they are put back where they are missing.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NAMED = /\n\/\/# sourceMappingURL=\S+\s*$/
const isNever = process.argv.includes('--never')
const dist = join(fileURLToPath(import.meta.url), '../../dist')

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (!/\.(js|d\.ts)$/.test(file) || !existsSync(`${file}.map`)) continue
  const code = readFileSync(file, 'utf8')
  if (NAMED.test(code) !== isNever) continue
  const line = `\n//# sourceMappingURL=${basename(file)}.map`
  writeFileSync(file, isNever ? code.replace(NAMED, '\n') : code.trimEnd() + line)
}
