import { useData } from 'vitepress'
import { computed } from 'vue'

/**
 * Takes the place of the theme's own composable of this name, whose menu of languages leads to pages that nobody has
 * translated. From such a page it leads to the home page of the other language.
 */
export function useLangs() {
  const { site, localeIndex, page, theme } = useData()
  const currentLang = computed(() => ({
    label: site.value.locales[localeIndex.value]?.label,
    link: rootOf(localeIndex.value),
  }))
  const localeLinks = computed(() => {
    const own = rootOf(localeIndex.value)
    const path = page.value.relativePath
      .slice(own.length - 1)
      .replace(/(^|\/)index\.md$/, '$1')
      .replace(/\.md$/, '.html')
    const target = theme.value.translated.includes(path) ? path : ''
    return Object.entries(site.value.locales)
      .filter(([locale]) => locale !== localeIndex.value)
      .map(([locale, { label }]) => ({ text: label, link: `${rootOf(locale)}${target}` }))
  })
  return { currentLang, localeLinks }
}

function rootOf(locale) {
  return locale === 'root' ? '/' : `/${locale}/`
}
