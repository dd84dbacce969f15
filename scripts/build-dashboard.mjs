// Bundles the pages of the dashboard into dist, ready to be served: whoever installs the package builds nothing, and gets
// no library that the pages use. Fails where they have grown beyond what a page that one opens now and then may weigh.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const LARGEST_GZIPPED = 60_000
/** What becomes part of the bundle, and wants its licence beside it. */
const LIBRARIES = ['preact', 'uplot']

const root = join(fileURLToPath(import.meta.url), '../..')
const from = join(root, 'src/dashboard/pages')
const to = join(root, 'dist/dashboard/pages')
const copied = ['index.html', 'icon.svg']
const bundled = ['app.js', 'app.css']

await build({
  entryPoints: [
    { in: join(from, 'main.tsx'), out: 'app' },
    { in: join(from, 'styles/app.css'), out: 'app' },
  ],
  outdir: to,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  tsconfig: join(from, 'tsconfig.json'),
  legalComments: 'none',
  logLevel: 'warning',
})
for (const file of copied) copyFileSync(join(from, file), join(to, file))
writeFileSync(join(to, 'licenses.txt'), LIBRARIES.map(licenseOf).join('\n'))

const gzipped = [...copied, ...bundled].reduce(
  (sum, file) => sum + gzipSync(readFileSync(join(to, file))).length,
  0,
)
if (process.argv.includes('--size')) console.log(`The dashboard's pages: ${gzipped} bytes gzipped.`)
if (gzipped > LARGEST_GZIPPED) {
  console.error(`The dashboard's pages have ${gzipped} bytes gzipped, more than ${LARGEST_GZIPPED}.`)
  process.exitCode = 1
}

function licenseOf(library) {
  return `${library}\n\n${readFileSync(join(root, 'node_modules', library, 'LICENSE'), 'utf8')}`
}
