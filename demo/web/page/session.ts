import type { User } from './answers.js'

export interface Session {
  readonly token: string
  readonly user: User
}

const SESSION = 'crm-session'

/** Ends with the tab, and no other site reads it: unlike a cookie it goes nowhere by itself. */
export function readSession(): Session | null {
  try {
    const session = JSON.parse(sessionStorage.getItem(SESSION) ?? 'null') as Session | null
    return typeof session?.token === 'string' && typeof session.user?.id === 'number' ? session : null
  } catch {
    return null
  }
}

export function keepSession(session: Session | null): void {
  try {
    if (session) sessionStorage.setItem(SESSION, JSON.stringify(session))
    else sessionStorage.removeItem(SESSION)
  } catch {
    // A browser that keeps nothing for us: the session holds until the page is left.
  }
}
