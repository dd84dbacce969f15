import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { User } from './answers.js'
import type { Api } from './api.js'
import type { Words } from './language.js'
import type { Note } from './note.js'

/** What every panel has. */
export interface Crm {
  readonly api: Api
  readonly user: User
  /** Goes up with each write: then all panels ask again, so that one sees what the write has removed. */
  readonly round: number
  /** To be called with what was done, once a write is answered. */
  wrote(done: string): void
  /** To be called when a panel has its answer. `round`: the one that it was asked in. */
  answered(what: string, note: Note, round: number): void
  /** To be called when a person has asked once more, for those who hear the page. */
  announce(text: string): void
}

export const WordsContext = createContext<Words | null>(null)
export const CrmContext = createContext<Crm | null>(null)

export function useWords(): Words {
  return present(useContext(WordsContext))
}

export function useCrm(): Crm {
  return present(useContext(CrmContext))
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('The component stands outside of the application')
  return value
}
