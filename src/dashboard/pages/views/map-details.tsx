import { linkTo } from '../route.js'
import type { MapGraph, MapLink } from './map-graph.js'

/** What a box is linked with, and by what. */
export function MapDetails({ graph, id }: { readonly graph: MapGraph; readonly id: string | null }) {
  const node = graph.nodes.find((one) => one.id === id)
  if (!node) return null
  const nameOf = (other: string) => graph.nodes.find((one) => one.id === other)?.name ?? other
  const towards = graph.links.filter(({ to }) => to === id)
  const onwards = graph.links.filter(({ from }) => from === id)
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
      <LinkList
        title={node.kind === 'read' ? 'Removed by' : 'Written by'}
        links={towards}
        nameOf={({ from }) => nameOf(from)}
      />
      <LinkList
        title={node.kind === 'write' ? 'Removes' : 'Read by'}
        links={onwards}
        nameOf={({ to }) => nameOf(to)}
      />
      {node.kind === 'read' && (
        <p class="links">
          <a href={linkTo('rules', { rule: node.name })}>See its rule</a>
        </p>
      )}
    </div>
  )
}

function LinkList({
  title,
  links,
  nameOf,
}: {
  readonly title: string
  readonly links: readonly MapLink[]
  readonly nameOf: (link: MapLink) => string
}) {
  if (links.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {links.map((link) => (
          <li key={link.id}>
            <a href={linkTo('map', { node: nameOf(link) })}>{nameOf(link)}</a>
            {link.by.length > 0 && <span class="muted"> by </span>}
            {link.by.map((by, nth) => (
              <span key={by}>
                {nth > 0 && ', '}
                <code>{by}</code>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}
