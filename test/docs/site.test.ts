import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'

interface Entry {
  readonly link?: string
  readonly items?: readonly Entry[]
}

interface Locale {
  readonly themeConfig: { readonly sidebar: readonly Entry[] }
}

/** A module of the site, none of whose packages need be installed for it. */
function ofSite<Module>(file: string): Promise<Module> {
  return import(pathToFileURL(join(PROJECT_ROOT, 'site/.vitepress', file)).href) as Promise<Module>
}

describe('the site', () => {
  const linksIn = (entries: readonly Entry[]): string[] =>
    entries.flatMap(({ link, items = [] }) => [...(link ? [link] : []), ...linksIn(items)])

  it('has every page of docs/ in its sidebar', async () => {
    const { english, japanese } = await ofSite<{ english: Locale; japanese: Locale }>('locales.js')
    const { markdownFiles } = (await import(
      pathToFileURL(join(PROJECT_ROOT, 'scripts/docs/markdown-page.mjs')).href
    )) as { markdownFiles: (folder: string) => string[] }

    const links = [...linksIn(english.themeConfig.sidebar), ...linksIn(japanese.themeConfig.sidebar)]
    const pages = markdownFiles(join(PROJECT_ROOT, 'docs'))
      .filter((page) => !/^(ja\/)?README\.md$/.test(page))
      .map((page) => `/${page.replace(/(README)?\.md$/, '')}`)
    expect(pages).to.have.length.greaterThan(50)
    expect(pages.filter((page) => !links.includes(page))).to.deep.equal([])
  })
})

describe('the search of the site', () => {
  interface Words {
    readonly options: { readonly tokenize: (text: string) => string[] }
    readonly searchOptions: { readonly tokenize: (text: string) => string[] }
  }
  let words: Words
  before(async () => {
    const { search } = await ofSite<{ search: { options: { miniSearch: Words } } }>('search.js')
    words = search.options.miniSearch
  })

  /** As MiniSearch does with `prefix` and `AND`. */
  const finds = (text: string, question: string) => {
    const indexed = words.options.tokenize(text)
    return words.searchOptions
      .tokenize(question)
      .every((asked) => indexed.some((word) => word.toLowerCase().startsWith(asked.toLowerCase())))
  }

  for (const [question, text] of [
    ['E_CACHE_OPTION', 'is an error at start: E_CACHE_OPTION.'],
    ['cache_opt', 'is an error at start: E_CACHE_OPTION.'],
    ['option', 'is an error at start: E_CACHE_OPTION.'],
    ['revalidate', 'staleWhileRevalidate: how long'],
    ['cache.evict', 'the same of cache.evict(patterns)'],
    ['無効', '書き込みの無効化は続けます'],
    ['期限', '有効期限が切れた後も'],
    ['シュ', 'キャッシュします'],
    ['Redisに接続できない', 'Redis に接続できません'],
    ['かどうか', 'あるかどうか'],
  ] as const) {
    it(`finds ${question}`, () => expect(finds(text, question)).to.equal(true))
  }

  for (const [question, text] of [
    ['E_CACHE_OPTION', 'E_CACHE_TTL, an option'],
    ['有効', '無効化する'],
    ['redis kafka', 'over Redis'],
  ] as const) {
    it(`does not find ${question} where it does not stand`, () => {
      expect(finds(text, question)).to.equal(false)
    })
  }
})
