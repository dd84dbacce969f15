// Writes, beside the CommonJS build in dist, one ES module for each entry of the package. It hands on what the CommonJS
// module exports: a process that loads the package both ways has one registry, one set of rules, one of everything. And it
// makes the command executable.
import { chmodSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const root = join(fileURLToPath(import.meta.url), '../..')
const { exports: entries, bin: commands } = require('../package.json')

// npm does that itself where it installs the package; others take the file as it was packed.
for (const command of Object.values(commands)) chmodSync(join(root, command), 0o755)

writeFileSync(join(root, 'dist/package.json'), '{ "type": "commonjs" }\n')

for (const { import: esModule, require: commonJs } of Object.values(entries)) {
  // Not package.json, which is an entry too.
  if (esModule === undefined) continue
  const names = Object.keys(require(join(root, commonJs.default))).sort()
  const from = `'./${basename(commonJs.default)}'`
  writeFileSync(join(root, esModule.default), `export { ${names.join(', ')} } from ${from}\n`)
  writeFileSync(join(root, esModule.types), `export * from ${from}\n`)
}
