import { fileURLToPath } from 'node:url'
import { DOCS, entriesOf } from './pages.js'

const HERE = fileURLToPath(import.meta.url)

/** GitHub lists the files of a folder above its README.md; the site appends them to the page. */
export function decisionList() {
  return {
    name: 'decision-list',
    enforce: 'pre',
    transform(code, id) {
      if (id !== `${DOCS}decisions/README.md`) return
      const items = entriesOf('decisions').map(({ text, link }) => `- [${text}](${link}.md)`)
      return `${code}\n${items.join('\n')}\n`
    },
  }
}

/** Pages become modules that import Vue. It is installed here, and not where the pages are, which Vite calls its root. */
export function packagesOfTheSite() {
  return {
    name: 'packages-of-the-site',
    enforce: 'pre',
    // What VitePress lists to be prepared for the dev server is looked for below the root, and warned of. It works as it is.
    configResolved({ optimizeDeps }) {
      optimizeDeps.include = []
    },
    resolveId(source, importer, options) {
      if (!importer?.startsWith(DOCS) || !/^vue(\/|$)/.test(source)) return
      return this.resolve(source, HERE, { ...options, skipSelf: true })
    },
  }
}
