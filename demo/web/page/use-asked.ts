import { useCallback, useEffect, useState } from 'preact/hooks'
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
  readonly path: string
  readonly data: Data | null
  readonly note: Note | null
  readonly problem: ApiProblem | null
  readonly isAsking: boolean
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
  const [repeat, setRepeat] = useState({ count: 0, isTold: false })

  // Another language asks nothing anew.
  useEffect(() => {
    const leaving = new AbortController()
    setState((before) => ({ ...(before.path === path ? before : nothingYet<Data>(path)), isAsking: true }))
    api.read<Data>(path, leaving.signal).then(
      ({ data, note }) => {
        if (leaving.signal.aborted) return
        setState({ path, data, note, problem: null, isAsking: false })
        answered(what, note, round)
        if (!repeat.isTold) return
        const cache = note.outcome ?? say('cache.none')
        announce(say('cache.said', { what, cache, ms: roundMs(note.ms) }))
        setRepeat(({ count }) => ({ count, isTold: false }))
      },
      (error) => {
        if (leaving.signal.aborted) return
        const problem = error instanceof ApiProblem ? error : new ApiProblem(0, String(error))
        setState({ path, data: null, note: null, problem, isAsking: false })
      },
    )
    return () => leaving.abort()
  }, [api, path, round, repeat.count])

  const again = useCallback(() => setRepeat(({ count }) => ({ count: count + 1, isTold: true })), [])
  return { ...(state.path === path ? state : nothingYet<Data>(path)), again }
}

/** Below ten with one decimal: a hit is seldom more. */
export function roundMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}

function nothingYet<Data>(path: string): State<Data> {
  return { path, data: null, note: null, problem: null, isAsking: true }
}
