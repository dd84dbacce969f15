import { readdirSync } from 'node:fs'
import { open } from './open.js'
import { SITE } from './serve.js'

/** What does not fit into a window can only be scrolled to. */
const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 390, height: 844 }

/** Every page that was built, as a path. */
export function builtPages() {
  return readdirSync(SITE, { recursive: true })
    .map((file) => file.split('\\').join('/'))
    .filter((file) => file.endsWith('.html') && file !== '404.html')
    .map((file) => `/${file.replace(/(^|\/)index\.html$/, '$1')}`)
    .sort()
}

/**
 * Visits every page, and follows no link but looks where each leads.
 *
 * @returns What is wrong, a line each.
 */
export async function walk(tab, origin) {
  const pages = new Map()
  const faults = []
  for (const path of builtPages()) {
    await open(tab, `${origin}${path}`)
    pages.set(path, await readTab(tab))
    for (const size of [NARROW, WIDE]) {
      await tab.setViewportSize(size)
      const excess = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (excess > 0) faults.push(`${path}: is ${excess} pixels too wide for a window of ${size.width}`)
    }
  }
  const links = [...pages].flatMap(([path, { hrefs }]) => hrefs.map((href) => ({ path, href })))
  for (const { path, href } of links) {
    const fault = faultOf(new URL(href), origin, pages)
    if (fault) faults.push(`${path}: ${href.replace(origin, '')}: ${fault}`)
  }
  return { pages: pages.size, links: links.length, faults }
}

function readTab(tab) {
  return tab.evaluate(() => ({
    hrefs: [...new Set([...document.querySelectorAll('a[href]')].map((link) => link.href))],
    ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
  }))
}

/** Links to elsewhere are not tried: what they lead to is not ours. */
function faultOf(url, origin, pages) {
  if (url.origin !== origin) return
  const page = pages.get(url.pathname)
  if (!page) return 'there is no such page'
  if (url.hash !== '' && !page.ids.includes(decodeURIComponent(url.hash.slice(1))))
    return 'the page has no such heading'
}
