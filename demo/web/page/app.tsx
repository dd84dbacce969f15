import { useEffect, useMemo, useState } from 'preact/hooks'
import { leaveAdmin } from './admin-session.js'
import { WordsContext } from './crm.js'
import { firstLanguage, keepLanguage, type Language, wordsIn } from './language.js'
import { keepSession, readSession, type Session } from './session.js'
import type { Setup } from './setup.js'
import { SignIn } from './sign-in.js'
import { SignedIn } from './signed-in.js'
import { TopBar } from './top-bar.js'

/** The whole page: whoever is not signed in signs in first. */
export function App({ setup }: { setup: Setup }) {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  const [session, setSession] = useState<Session | null>(readSession)
  const [hasEnded, setHasEnded] = useState(false)
  const words = useMemo(() => wordsIn(language), [language])

  useEffect(() => {
    document.documentElement.lang = words.language
    document.title = `${words.say('page.title')} · express-cacheable`
  }, [words])

  function choose(chosen: Language) {
    keepLanguage(chosen)
    setLanguage(chosen)
  }

  function enter(entered: Session) {
    keepSession(entered)
    setSession(entered)
  }

  function leave(isOver: boolean) {
    keepSession(null)
    void leaveAdmin()
    setSession(null)
    setHasEnded(isOver)
  }

  return (
    <WordsContext.Provider value={words}>
      <a class="skip" href="#panels">
        {words.say('page.skip')}
      </a>
      <TopBar user={session?.user ?? null} onLanguage={choose} onSignOut={() => leave(false)} />
      {session ? (
        <SignedIn key={session.token} {...{ session, setup }} onEnd={() => leave(true)} />
      ) : (
        <SignIn {...{ setup, hasEnded }} onSignedIn={enter} />
      )}
    </WordsContext.Provider>
  )
}
