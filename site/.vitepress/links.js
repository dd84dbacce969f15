import { statSync } from 'node:fs'
import { posix } from 'node:path'
import { ROOT, repositoryUrl } from './project.js'

const ELSEWHERE = /^[a-z][a-z\d+.-]*:|^#/i

/**
 * Links are written for GitHub, where folders are pages and all of the project is at hand. Here a folder of docs/ is its
 * README.md, and what lies outside of docs/ is in the repository; without one in package.json it is no link.
 */
export function mendLinks(md) {
  const repository = repositoryUrl()
  md.core.ruler.push('mend-links', ({ tokens, env }) => {
    for (const { children } of tokens) {
      const unlinked = []
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const target = targetOf(token.attrGet('href'), env.relativePath, repository)
          unlinked.push(target === undefined)
          if (target === undefined) Object.assign(token, { tag: 'span', type: 'span_open', attrs: null })
          else token.attrSet('href', target)
        } else if (token.type === 'link_close' && unlinked.pop()) {
          Object.assign(token, { tag: 'span', type: 'span_close' })
        }
      }
    }
  })
}

/** @returns The link as the site has it, or nothing where it has none. */
function targetOf(href, page, repository) {
  if (ELSEWHERE.test(href)) return href
  const [path, anchor] = href.split('#')
  const file = posix.join('docs', posix.dirname(sourceOf(page)), decodeURIComponent(path))
  const isFolder = statSync(`${ROOT}${file}`, { throwIfNoEntry: false })?.isDirectory()
  if (!file.startsWith('docs/')) {
    if (!repository) return undefined
    return `${repository}/${isFolder ? 'tree' : 'blob'}/main/${file}${anchor ? `#${anchor}` : ''}`
  }
  const within = isFolder
    ? `${path.replace(/\/$/, '')}/index.md`
    : path.replace(/(^|\/)README\.md$/, '$1index.md')
  return anchor === undefined ? within : `${within}#${anchor}`
}

/** `relativePath` of a rewritten page is that after it. */
function sourceOf(page) {
  return page.replace(/(^|\/)index\.md$/, '$1README.md')
}
