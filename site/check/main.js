// Looks at the built site in a browser: no link that leads nowhere, no error, nothing from another host, and a search
// that finds. `CHROMIUM` says where the browser is, which otherwise is where Debian has it.
import { chromium } from 'playwright-core'
import { search } from './search.js'
import { serveSite } from './serve.js'
import { walk } from './walk.js'

const site = await serveSite()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // As root, which a container mostly is, it has no sandbox. It shows our own pages alone.
  args: ['--no-sandbox'],
})
const faults = []
try {
  const tab = await browser.newPage()
  watch(tab)
  const walked = await walk(tab, site.origin)
  const searched = await search(tab, site.origin)
  faults.push(...walked.faults, ...searched.faults)
  console.log(`Site: ${walked.pages} pages, ${walked.links} links, ${searched.questions} searches.`)
} finally {
  await browser.close()
  site.close()
}
for (const fault of faults) console.error(fault)
console.log(`Site: ${faults.length} faults.`)
process.exitCode = faults.length > 0 ? 1 : 0

/** What a page says by itself while it is looked at. */
function watch(tab) {
  const at = () => tab.url().slice(site.origin.length)
  tab.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`${at()}: console: ${message.text()}`)
  })
  tab.on('pageerror', (error) => faults.push(`${at()}: error: ${error.message}`))
  tab.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== site.origin) faults.push(`${at()}: asks ${origin}`)
  })
  tab.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${at()}: ${response.status()} for ${response.url()}`)
  })
}
