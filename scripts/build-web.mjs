// Bundles the page of the demo, so that the server has three files to serve and a browser nothing else to ask for.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(fileURLToPath(import.meta.url), '../..')
const page = join(root, 'demo/web/page')
const assets = join(root, 'build/demo/web/assets')

await build({
  entryPoints: [
    { in: join(page, 'main.tsx'), out: 'app' },
    { in: join(page, 'app.css'), out: 'app' },
  ],
  outdir: assets,
  bundle: true,
  minify: true,
  format: 'esm',
  charset: 'utf8',
  // The first browsers with light-dark().
  target: ['chrome123', 'firefox120', 'safari17.5'],
  tsconfig: join(page, 'tsconfig.json'),
  logLevel: 'warning',
})
copyFileSync(join(page, 'icon.svg'), join(assets, 'icon.svg'))
