import { open } from './open.js'

/**
 * Types a question into the search of a page.
 *
 * @returns Where the answers lead, best first, as paths.
 */
async function ask(tab, origin, home, question) {
  await open(tab, `${origin}${home}`)
  // The theme remembers the last question, and would show its answers first.
  await tab.evaluate(() => sessionStorage.clear())
  await tab.keyboard.press('Control+KeyK')
  await tab.locator('.VPLocalSearchBox .search-input').fill(question)
  const results = tab.locator('.VPLocalSearchBox .result')
  await results.first().waitFor({ timeout: 10_000 })
  const hrefs = await results.evaluateAll((links) => links.map(({ href }) => href))
  return hrefs.map((href) => decodeURIComponent(href.slice(origin.length)))
}

/** Where, what is asked, and what one of the first three answers is to lead to. */
const QUESTIONS = [
  ['/', 'E_CACHE_OPTION', '/reference/errors.html#e_cache_option'],
  ['/', 'CACHE_OPTION', '/reference/errors.html#e_cache_option'],
  ['/', 'warming', '/guides/warming.html'],
  ['/ja/', 'E_CACHE_OPTION', '/ja/reference/options.html'],
  ['/ja/', '無効化', '/ja/guides/five-services.html#4-つの無効化の方法'],
  ['/ja/', '期限', '/ja/guides/five-services.html#有効期限'],
  ['/ja/', 'Redisに接続できない', '/ja/guides/five-services.html#redis-に接続できない'],
]

/** @returns What is wrong, a line each. */
export async function search(tab, origin) {
  const faults = []
  for (const [home, question, expected] of QUESTIONS) {
    try {
      const found = await ask(tab, origin, home, question)
      if (!found.slice(0, 3).some((href) => href.startsWith(expected))) {
        faults.push(
          `${home}: a search for ${question} finds ${found.slice(0, 3).join(', ')}, not ${expected}`,
        )
      }
    } catch (error) {
      faults.push(`${home}: a search for ${question} failed: ${error.message.split('\n')[0]}`)
    }
  }
  return { questions: QUESTIONS.length, faults }
}
