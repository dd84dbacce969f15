import { entriesOf, entryOf, translatedPages } from './pages.js'

/** What a newcomer reads first stands first. */
const GUIDES = [
  'five-services',
  'keys',
  'invalidation',
  'dependencies',
  'events',
  'functions',
  'testing',
  'warming',
  'clients',
  'nest',
  'http',
  'speed',
  'redis-down',
  'monitoring',
  'rolling-deploys',
  'testing',
  'moving-over',
  'troubleshooting',
  'moving-over',
]
const REFERENCE = ['decorators', 'options', 'cache', 'cli', 'http', 'telemetry', 'errors']
const OTHERS = ['scaling', 'compatibility', 'security', 'architecture', 'glossary']

export const english = {
  label: 'English',
  lang: 'en',
  description: 'Caching for Express over Redis, with answers that are never old after a write.',
  themeConfig: {
    nav: [
      { text: 'Quickstart', link: '/quickstart' },
      { text: 'Guides', link: '/guides/five-services', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/options', activeMatch: '^/reference/' },
    ],
    sidebar: [
      { text: 'Start', items: [entryOf('quickstart')] },
      { text: 'Guides', items: entriesOf('guides', GUIDES) },
      { text: 'Reference', items: entriesOf('reference', REFERENCE) },
      {
        text: 'Inside',
        items: [
          ...others(),
          { text: 'Decisions', link: '/decisions/', collapsed: true, items: entriesOf('decisions') },
        ],
      },
    ],
    outline: { level: [2, 3] },
    translated: translatedPages('ja'),
    notFound: {
      title: 'There is no such page',
      quote: 'It may have moved: ask the search above.',
      linkLabel: 'Go to the home page',
      linkText: 'Home page',
    },
  },
}

export const japanese = {
  label: '日本語',
  lang: 'ja',
  description: 'Express のレスポンスを Redis にキャッシュし、書き込みの後に古い値を返しません。',
  themeConfig: {
    nav: [
      { text: 'クイックスタート', link: '/ja/quickstart' },
      { text: 'ガイド', link: '/ja/guides/five-services', activeMatch: '^/ja/guides/' },
      { text: 'リファレンス', link: '/ja/reference/options', activeMatch: '^/ja/reference/' },
    ],
    sidebar: [
      { text: 'はじめに', items: [entryOf('ja/quickstart')] },
      { text: 'ガイド', items: entriesOf('ja/guides', GUIDES) },
      { text: 'リファレンス', items: entriesOf('ja/reference', REFERENCE) },
      {
        text: '英語のページ',
        collapsed: true,
        items: [...untranslated('guides', GUIDES), ...untranslated('reference', REFERENCE), ...others()],
      },
    ],
    outline: { level: [2, 3], label: 'このページの内容' },
    translated: translatedPages('ja'),
    docFooter: { prev: '前のページ', next: '次のページ' },
    darkModeSwitchLabel: '配色',
    lightModeSwitchTitle: 'ライトモードに切り替え',
    darkModeSwitchTitle: 'ダークモードに切り替え',
    sidebarMenuLabel: 'メニュー',
    returnToTopLabel: 'トップへ戻る',
    langMenuLabel: '言語を変更',
    skipToContentLabel: '本文へ移動',
    notFound: {
      title: 'ページが見つかりません',
      quote: 'お探しのページはありません。上の検索をお使いください。',
      linkLabel: 'ホームへ移動',
      linkText: 'ホームへ戻る',
    },
  },
}

/** The pages that lie beside the folders. */
function others() {
  return entriesOf('', OTHERS).filter(({ link }) => link !== '/quickstart')
}

function untranslated(folder, names) {
  const translated = translatedPages('ja')
  return entriesOf(folder, names).filter(({ link }) => !translated.includes(`${link.slice(1)}.html`))
}
