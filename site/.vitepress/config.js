import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { headingSlug } from '../../scripts/docs/markdown-page.mjs'
import { drawDiagrams } from './diagrams.js'
import { mendLinks } from './links.js'
import { english, japanese } from './locales.js'
import { decisionList, packagesOfTheSite } from './plugins.js'
import { repositoryUrl } from './project.js'
import { search } from './search.js'

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M5 9h22M5 16h14M5 23h22" stroke="#0b7a75" stroke-width="5" stroke-linecap="round"/></svg>'

const repository = repositoryUrl()

export default defineConfig({
  srcDir: '../docs',
  outDir: '../build/site',
  cacheDir: '../.cache/vitepress',
  // On GitHub a folder shows its README.md; a web server its index.html.
  rewrites: {
    'README.md': 'index.md',
    'decisions/README.md': 'decisions/index.md',
    'ja/README.md': 'ja/index.md',
  },
  title: 'express-cacheable',
  titleTemplate: ':title · express-cacheable',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  locales: { root: english, ja: japanese },
  themeConfig: {
    search,
    ...(repository && { socialLinks: [{ icon: 'github', link: repository }] }),
  },
  transformPageData({ relativePath }) {
    if (!/^(ja\/)?index\.md$/.test(relativePath)) return
    const frontmatter = {
      pageClass: 'home',
      sidebar: false,
      aside: false,
      prev: false,
      next: false,
    }
    return { frontmatter, titleTemplate: false }
  },
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
    anchor: { slugify: headingSlug },
    config(md) {
      mendLinks(md)
      drawDiagrams(md)
    },
  },
  vite: {
    plugins: [decisionList(), packagesOfTheSite()],
    resolve: {
      alias: [
        // Its own leads to pages that nobody has translated.
        {
          find: /^.*\/composables\/langs$/,
          replacement: fileURLToPath(new URL('theme/languages.js', import.meta.url)),
        },
      ],
    },
  },
})
