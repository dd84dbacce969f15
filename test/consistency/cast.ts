import type { Part } from './parts.js'
import type { Scheduler } from './scheduler.js'
import { type StoreState, Story } from './story.js'

/** Who takes part in a story, and how it begins. */
export interface Cast {
  /** What each actor does, by its name. */
  readonly parts: Readonly<Record<string, Part>>
  /** How long the first version is cached when it begins; without one, nothing is. */
  readonly cachedForMs?: number
  /** What it carries then. */
  readonly cachedTags?: readonly string[]
  /** Whether all are in one process, and so share one engine. */
  readonly inOneProcess?: boolean
}

/** Lets all of them play their parts, and checks how it went. */
export async function playCast(
  { parts, cachedForMs, cachedTags, inOneProcess = false }: Cast,
  scheduler: Scheduler,
  state: StoreState,
): Promise<void> {
  const story = new Story(scheduler, state)
  try {
    if (cachedForMs !== undefined) await story.cached(cachedForMs, cachedTags)
    const shared = inOneProcess ? await story.process() : null
    for (const [name, part] of Object.entries(parts)) {
      const engine = shared ?? (await story.process())
      scheduler.start(name, () => part({ name, engine, story }))
    }
    await scheduler.run()
    await story.check()
  } finally {
    await story.close()
  }
}
