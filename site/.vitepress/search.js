/**
 * Search runs in the browser, over an index that is built with the site. Both sides cut text with the functions below.
 * They are sent as their own source, so each stands for itself.
 */
export const search = {
  provider: 'local',
  options: {
    locales: {
      ja: {
        translations: {
          button: { buttonText: '検索', buttonAriaLabel: '検索' },
          modal: {
            displayDetails: '詳細を表示',
            resetButtonTitle: '検索条件を消去',
            backButtonTitle: '検索を閉じる',
            noResultsText: '見つかりませんでした',
            footer: {
              selectText: '選択',
              selectKeyAriaLabel: 'Enter',
              navigateText: '移動',
              navigateUpKeyAriaLabel: '上矢印',
              navigateDownKeyAriaLabel: '下矢印',
              closeText: '閉じる',
              closeKeyAriaLabel: 'Esc',
            },
          },
        },
      },
    },
    miniSearch: {
      options: { tokenize: wordsOfText },
      searchOptions: { tokenize: wordsOfQuestion, combineWith: 'AND', prefix: true, fuzzy: isLongWord },
    },
  },
}

/**
 * A word, and each end of it that somebody may look for: of `E_CACHE_OPTION` also `CACHE_OPTION` and `OPTION`, of
 * `staleIfError` also `IfError` and `Error`. Japanese has no spaces: there a word is a run of one script, with all ends
 * of it, so that a search by beginnings finds whatever stands anywhere in the run.
 */
function wordsOfText(text) {
  const words = text.match(
    /[\p{sc=Han}々]+|[\p{sc=Katakana}ー]+|\p{sc=Hiragana}+|[a-zà-ž\d]+(?:[._-][a-zà-ž\d]+)*/giu,
  )
  return (words ?? []).flatMap((word) => {
    if (!/^[a-zà-ž\d]/i.test(word)) return [...word].map((_, at) => word.slice(at))
    const ends = [...word.matchAll(/[._-]|(?<=[a-z\d])(?=[A-Z])/g)]
    return [word, ...ends.map(({ 0: sign, index }) => word.slice(index + sign.length))]
  })
}

/** The words as they were asked for. What only joins Japanese words says nothing, unless nothing else was asked. */
function wordsOfQuestion(text) {
  const words =
    text.match(/[\p{sc=Han}々]+|[\p{sc=Katakana}ー]+|\p{sc=Hiragana}+|[a-zà-ž\d]+(?:[._-][a-zà-ž\d]+)*/giu) ??
    []
  const telling = words.filter((word) => !/^\p{sc=Hiragana}/u.test(word))
  return telling.length > 0 ? telling : words
}

/** A slip of the finger is forgiven in words; names of errors and options are meant as they stand. */
function isLongWord(term) {
  return /^[a-z]{5,}$/.test(term) ? 0.2 : false
}
