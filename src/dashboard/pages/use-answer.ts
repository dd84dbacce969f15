import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Fault, faultOf, getJson } from './api.js'

export interface Answer<Body> {
  /** The last one, also while another is asked for. */
  readonly body: Body | null
  readonly fault: Fault | null
  readonly ask: () => void
}

/**
 * Asks for a path now and, with `everyMs`, again and again while the page is seen. Answers to earlier questions that come
 * late are dropped.
 */
export function useAnswer<Body>(path: string | null, everyMs?: number): Answer<Body> {
  const [state, setState] = useState<{ path: string | null; body: Body | null; fault: Fault | null }>({
    path,
    body: null,
    fault: null,
  })
  const asking = useRef<AbortController | null>(null)
  const ask = useCallback(() => {
    asking.current?.abort()
    if (path === null) return
    const controller = new AbortController()
    const { signal } = controller
    asking.current = controller
    getJson<Body>(path, signal).then(
      (body) => signal.aborted || setState({ path, body, fault: null }),
      (error) =>
        signal.aborted ||
        setState((before) => ({
          path,
          body: before.path === path ? before.body : null,
          fault: faultOf(error),
        })),
    )
  }, [path])
  useEffect(() => {
    ask()
    const timer = everyMs === undefined ? undefined : setInterval(() => document.hidden || ask(), everyMs)
    return () => {
      clearInterval(timer)
      asking.current?.abort()
    }
  }, [ask, everyMs])
  const isOfThisPath = state.path === path
  return { body: isOfThisPath ? state.body : null, fault: isOfThisPath ? state.fault : null, ask }
}
