import type { User } from './answers.js'
import { useWords } from './crm.js'
import { isLanguage, LANGUAGES, type Language } from './language.js'

interface TopBarProps {
  readonly user: User | null
  readonly onLanguage: (language: Language) => void
  readonly onSignOut: () => void
}

export function TopBar({ user, onLanguage, onSignOut }: TopBarProps) {
  const { say } = useWords()
  return (
    <header class="top">
      <h1>{say('page.title')}</h1>
      {user && <span class="who">{say('signin.signed', { name: user.name })}</span>}
      <LanguageChoice onChoose={onLanguage} />
      {user && (
        <button type="button" onClick={onSignOut}>
          {say('signin.out')}
        </button>
      )}
    </header>
  )
}

function LanguageChoice({ onChoose }: { onChoose: (language: Language) => void }) {
  const { say, language } = useWords()
  return (
    <select
      aria-label={say('page.language')}
      value={language}
      onChange={({ currentTarget: { value } }) => isLanguage(value) && onChoose(value)}
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  )
}
