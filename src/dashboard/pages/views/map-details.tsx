import type { MapAnswer } from '../../dashboard-api.js'
import { linkTo } from '../route.js'
import type { MapGraph, MapNode } from './map-graph.js'

interface Relation {
  readonly name: string
  readonly by: readonly string[]
}

/** What a box is linked with, and by what. */
export function MapDetails({
  map,
  graph,
  id,
}: {
  readonly map: MapAnswer
  readonly graph: MapGraph
  readonly id: string | null
}) {
  const node = graph.nodes.find((one) => one.id === id)
  if (!node) return null
  return (
    <div class="map-details">
      <h2>{node.name}</h2>
      <p class="muted">
        {{ write: 'Write', table: 'Table', read: 'Read' }[node.kind]}
        {node.about.length > 0 && ': '}
        {node.about.map((text, nth) => (
          <span key={text}>
            {nth > 0 && ', '}
            <code>{text}</code>
          </span>
        ))}
        {node.flag && <span class="flag">{node.flag}</span>}
      </p>
      {relationsOf(node, map).map(({ title, others }) => (
        <Relations key={title} title={title} others={others} />
      ))}
      {node.kind === 'read' && (
        <p class="links">
          <a href={linkTo('rules', { rule: node.name })}>See its rule</a>
        </p>
      )}
    </div>
  )
}

function Relations({ title, others }: { readonly title: string; readonly others: readonly Relation[] }) {
  if (others.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {others.map(({ name, by }) => (
          <li key={name}>
            <a href={linkTo('map', { node: name })}>{name}</a>
            {by.length > 0 && <span class="muted"> by </span>}
            {by.map((text, nth) => (
              <span key={text}>
                {nth > 0 && ', '}
                <code>{text}</code>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}

function relationsOf(
  { kind, name }: MapNode,
  { edges, reads, writes }: MapAnswer,
): readonly { readonly title: string; readonly others: readonly Relation[] }[] {
  switch (kind) {
    case 'read': {
      const own = edges.filter((edge) => edge.read === name)
      return [{ title: 'Removed by', others: grouped(own.map(({ write, by }) => [write, by])) }]
    }
    case 'write': {
      const own = edges.filter((edge) => edge.write === name)
      return [{ title: 'Removes', others: grouped(own.map(({ read, by }) => [read, by])) }]
    }
    case 'table': {
      const using = (nodes: readonly { readonly name: string; readonly tables: readonly string[] }[]) =>
        nodes.filter(({ tables }) => tables.includes(name)).map((node) => ({ name: node.name, by: [] }))
      return [
        { title: 'Written by', others: using(writes) },
        { title: 'Read by', others: using(reads) },
      ]
    }
  }
}

/** Each name once, with all by which it is linked. */
function grouped(pairs: readonly (readonly [string, string])[]): readonly Relation[] {
  const byName = new Map<string, string[]>()
  for (const [name, by] of pairs) byName.set(name, [...(byName.get(name) ?? []), by])
  return [...byName].map(([name, by]) => ({ name, by }))
}
