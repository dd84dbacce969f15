import { en, type StringKey, type Strings } from './strings/en.js'
import { ja } from './strings/ja.js'

export const LANGUAGES = { en: 'English', ja: '日本語' } as const
export type Language = keyof typeof LANGUAGES

const STRINGS: Readonly<Record<Language, Strings>> = { en, ja }
const CHOICE = 'crm-language'

type Values = Readonly<Record<string, string | number>>

/** Words, dates and numbers in one language. */
export interface Words {
  readonly language: Language
  say(key: StringKey, values?: Values): string
  day(instant: string): string
  moment(instant: string): string
  number(value: number): string
}

/** The language that was chosen here before; else the one that the server has found in `Accept-Language`. */
export function firstLanguage(): Language {
  return [readChoice(), document.documentElement.lang].find(isLanguage) ?? 'en'
}

/** For the next visit. */
export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(CHOICE, language)
  } catch {
    // A browser that keeps nothing for us: the choice holds until the page is left.
  }
}

export function wordsIn(language: Language): Words {
  const strings = STRINGS[language]
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const numbers = new Intl.NumberFormat(language)
  return {
    language,
    say: (key, values = {}) => fillIn(strings[key], values),
    day: (instant) => days.format(new Date(instant)),
    moment: (instant) => moments.format(new Date(instant)),
    number: (value) => numbers.format(value),
  }
}

function fillIn(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

function readChoice(): string | null {
  try {
    return localStorage.getItem(CHOICE)
  } catch {
    return null
  }
}

export function isLanguage(text: string | null): text is Language {
  return text !== null && Object.hasOwn(LANGUAGES, text)
}
