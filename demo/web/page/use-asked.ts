import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiProblem } from './api.js'
import { useCrm, useWords } from './crm.js'
import type { Note } from './note.js'

/** What a panel has of its route. */
export interface Asked<Data> {
  /** Of the last good answer to this path; stays while the next one is awaited. */
  readonly data: Data | null
  readonly note: Note | null
  readonly problem: ApiProblem | null
  readonly isAsking: boolean
  /** Asks the same once more. */
  again(): void
}

interface State<Data> {
  /** Which request it answers. */
  readonly request: string
  readonly path: string
  readonly data: Data | null
  readonly note: Note | null
  readonly problem: ApiProblem | null
}

/**
 * Asks for a path when a panel appears, when the path changes, after each write, and when told to.
 *
 * @param what - The panel's name, for what is said after a write.
 */
export function useAsked<Data>(what: string, path: string): Asked<Data> {
  const { api, round, answered, announce } = useCrm()
  const { say } = useWords()
  const [state, setState] = useState<State<Data>>(() => nothingYet(path))
  const [repeats, setRepeats] = useState(0)
  /** The repeat of which a person is to be told. */
  const told = useRef(0)
  const request = `${round} ${repeats} ${path}`

  // Another language asks nothing anew.
  useEffect(() => {
    const leaving = new AbortController()
    api.read<Data>(path, leaving.signal).then(
      ({ data, note }) => {
        if (leaving.signal.aborted) return
        setState({ request, path, data, note, problem: null })
        answered(what, note, round)
        if (told.current === repeats) return
        told.current = repeats
        const cache = note.outcome ?? say('cache.none')
        announce(say('cache.said', { what, cache, ms: roundMs(note.ms) }))
      },
      (error) => {
        if (leaving.signal.aborted) return
        const problem = error instanceof ApiProblem ? error : new ApiProblem(0, String(error))
        setState({ ...nothingYet(path), request, problem })
      },
    )
    return () => leaving.abort()
  }, [api, request])

  const again = useCallback(() => setRepeats((count) => count + 1), [])
  const { data, note, problem } = state.path === path ? state : nothingYet<Data>(path)
  return { data, note, problem, isAsking: state.request !== request, again }
}

/** Below ten with one decimal: a hit is seldom more. */
export function roundMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}

function nothingYet<Data>(path: string): State<Data> {
  return { request: '', path, data: null, note: null, problem: null }
}
