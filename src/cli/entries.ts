import type { BrowsedEntry } from '../stores/browsing.js'
import type { Store } from '../stores/store.js'
import type { KeyFilter } from './selection.js'

/** Of one round trip. */
const PAGE = 500

/** The first entries that a filter covers, and whether there are more of them. */
export async function entriesOf(
  store: Store,
  { prefix, covers }: KeyFilter,
  limit: number,
  onProgress: (looked: number) => void = () => {},
): Promise<{ readonly entries: readonly BrowsedEntry[]; readonly isMore: boolean }> {
  const entries: BrowsedEntry[] = []
  let looked = 0
  let after = ''
  for (;;) {
    const page = await store.browse({ prefix, after, limit: PAGE })
    looked += page.entries.length
    for (const entry of page.entries) {
      if (!covers(entry.key)) continue
      if (entries.length === limit) return { entries, isMore: true }
      entries.push(entry)
    }
    if (page.next === null) return { entries, isMore: false }
    after = page.next
    onProgress(looked)
  }
}
