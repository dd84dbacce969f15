import { useId, useState } from 'preact/hooks'
import { ApiProblem, signIn } from './api.js'
import { useWords } from './crm.js'
import { Problem } from './parts/problem.js'
import type { Session } from './session.js'
import type { Setup } from './setup.js'

interface SignInProps {
  readonly setup: Setup
  /** Whether somebody was signed in until just now. */
  readonly hasEnded: boolean
  readonly onSignedIn: (session: Session) => void
}

/** One click for each of the three people. */
export function SignIn({ setup: { people, password: known }, hasEnded, onSignedIn }: SignInProps) {
  const { say } = useWords()
  const [password, setPassword] = useState(known ?? '')
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const [isAsking, setIsAsking] = useState(false)
  const id = useId()

  async function enter(email: string) {
    setIsAsking(true)
    try {
      onSignedIn(await signIn<Session>(email, password))
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error : new ApiProblem(0, String(error)))
      setIsAsking(false)
    }
  }

  return (
    <main id="panels" class="sign-in">
      <h2>{say('signin.title')}</h2>
      {hasEnded && !problem && <p role="alert">{say('signin.ended')}</p>}
      <p>{say('signin.how')}</p>
      {problem && <Problem problem={problem} />}
      <div class="field">
        <label for={id}>{say('signin.password')}</label>
        <input
          {...{ id, type: 'password', value: password, autocomplete: 'off' }}
          onInput={({ currentTarget }) => setPassword(currentTarget.value)}
        />
        {known === null && <p class="quiet">{say('signin.password.other')}</p>}
      </div>
      <ul class="people">
        {people.map(({ email, name, role }) => (
          <li key={email}>
            <button type="button" class="primary" disabled={isAsking} onClick={() => enter(email)}>
              {say('signin.as', { name })}
            </button>
            <small>{say(`signin.role.${role}`)}</small>
          </li>
        ))}
      </ul>
    </main>
  )
}
