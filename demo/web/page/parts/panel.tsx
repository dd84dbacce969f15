import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Asked } from '../use-asked.js'
import { CacheNote } from './cache-note.js'
import { Problem } from './problem.js'

interface PanelProps<Data> {
  readonly name: string
  readonly title: string
  readonly asked: Asked<Data>
  /** What one can do here. */
  readonly controls?: ComponentChildren
  readonly children: (data: Data) => ComponentChildren
}

/** A part of the page that shows one route: its name, what the cache did, and the answer. */
export function Panel<Data>({ name, title, asked, controls, children }: PanelProps<Data>) {
  const id = useId()
  return (
    <section class={`panel ${name}`} aria-labelledby={id} aria-busy={asked.isAsking} data-panel={name}>
      <header>
        <h2 id={id}>{title}</h2>
        <CacheNote what={title} asked={asked} />
      </header>
      {controls && <div class="controls">{controls}</div>}
      {asked.problem && <Problem problem={asked.problem} />}
      {asked.data !== null && children(asked.data)}
    </section>
  )
}
