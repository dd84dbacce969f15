import { useEffect, useState } from 'preact/hooks'
import type { EntryReport } from '../../../monitoring/reports.js'
import type { KeysAnswer } from '../../dashboard-api.js'
import { type Fault, faultOf, getJson } from '../api.js'
import { bytes, counted, duration, NOTHING } from '../format.js'
import { Empty } from '../parts/empty.js'
import { FaultNote } from '../parts/fault-note.js'
import { KeyLink } from '../parts/key-link.js'
import { Scroller } from '../parts/scroller.js'
import { goTo } from '../route.js'
import { Entry } from './entry.js'
import { Removing } from './removing.js'
import { TagList } from './tag-list.js'

const PAGE = 50

export function Keys({ params }: { readonly params: URLSearchParams }) {
  const key = params.get('key')
  if (key !== null) return <Entry key={key} name={key} />
  const pattern = params.get('pattern') ?? ''
  return <Browser key={pattern} pattern={pattern} />
}

function Browser({ pattern }: { readonly pattern: string }) {
  const pages = useKeyPages(pattern)
  return (
    <>
      <SearchForm pattern={pattern} />
      <Removing
        removal={pattern.includes('*') ? { kind: 'pattern', pattern } : null}
        onRemoved={pages.askAnew}
      />
      {pages.fault && <FaultNote fault={pages.fault} />}
      {pages.entries === null && !pages.fault && <p class="waiting">Waiting for the keys…</p>}
      {pages.entries?.length === 0 && <NoKeys pattern={pattern} />}
      {pages.entries && pages.entries.length > 0 && (
        <>
          <KeyTable entries={pages.entries} />
          <p class="more">
            <span class="muted" role="status">
              {counted(pages.entries.length, 'key')}
              {pages.next === null ? ', all there are' : ' up to here'}
            </span>
            {pages.next !== null && (
              <button type="button" disabled={pages.isAsking} onClick={pages.askMore}>
                Show more
              </button>
            )}
            <button type="button" disabled={pages.isAsking} onClick={pages.askAnew}>
              Read anew
            </button>
          </p>
        </>
      )}
    </>
  )
}

function SearchForm({ pattern }: { readonly pattern: string }) {
  const [text, setText] = useState(pattern)
  return (
    <search>
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault()
          goTo('keys', { pattern: text.trim() })
        }}
      >
        <label class="field field-wide">
          <span>Prefix or pattern</span>
          <input
            type="search"
            class="code"
            value={text}
            placeholder="customers: or customers:*"
            autocomplete="off"
            spellcheck={false}
            aria-describedby="pattern-help"
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Search
        </button>
        <p class="help" id="pattern-help">
          What keys begin with; or a pattern, in which <code>*</code> stands for one whole segment or, at the
          end, for all that follow.
        </p>
      </form>
    </search>
  )
}

function NoKeys({ pattern }: { readonly pattern: string }) {
  if (pattern === '') {
    return (
      <Empty title="Nothing is stored.">
        Send a request that a rule is for: the first one is a miss and stores its answer.
      </Empty>
    )
  }
  return (
    <Empty title={`No key is like ${pattern}`}>
      It may have expired or been evicted. <a href="#/keys">See all keys</a>, or look at Events for what
      removed it.
    </Empty>
  )
}

function KeyTable({ entries }: { readonly entries: readonly EntryReport[] }) {
  return (
    <Scroller label="Keys">
      <table class="keys">
        <caption class="hidden">Keys that are held, in order</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              Gone in
            </th>
            <th scope="col" class="number wide-only">
              Age
            </th>
            <th scope="col" class="wide-only">
              Tags
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.key}>
              <th scope="row">
                <KeyLink value={entry.key} />
                {entry.isStale && <span class="flag">stale</span>}
              </th>
              <td class="number">{bytes(entry.bytes)}</td>
              <td class="number">{duration(entry.remainingMs)}</td>
              <td class="number wide-only">{entry.ageMs === null ? NOTHING : duration(entry.ageMs)}</td>
              <td class="wide-only">
                <TagList tags={entry.tags} most={3} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

interface KeyPages {
  readonly entries: readonly EntryReport[] | null
  readonly next: string | null
  readonly fault: Fault | null
  readonly isAsking: boolean
  readonly askMore: () => void
  readonly askAnew: () => void
}

/** Keys are browsed in their order, a page at a time. */
function useKeyPages(pattern: string): KeyPages {
  const [entries, setEntries] = useState<readonly EntryReport[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [fault, setFault] = useState<Fault | null>(null)
  const [isAsking, setAsking] = useState(false)
  const ask = async (before: readonly EntryReport[], after: string | null) => {
    setAsking(true)
    const query = new URLSearchParams({ pattern, limit: String(PAGE), ...(after !== null && { after }) })
    try {
      const answer = await getJson<KeysAnswer>(`api/keys?${query}`)
      setEntries([...before, ...answer.entries])
      setNext(answer.next)
      setFault(null)
    } catch (error) {
      setFault(faultOf(error))
    }
    setAsking(false)
  }
  // Another pattern is another component.
  useEffect(() => {
    void ask([], null)
  }, [])
  return {
    entries,
    next,
    fault,
    isAsking,
    askMore: () => void ask(entries ?? [], next),
    askAnew: () => void ask([], null),
  }
}
