import type { MapAnswer } from '../../dashboard-api.js'

export type NodeKind = 'write' | 'table' | 'read'

export interface MapNode {
  readonly id: string
  readonly kind: NodeKind
  readonly name: string
  /** Key templates; or the event it hears, patterns and tags. */
  readonly about: readonly string[]
  /** What is odd about it. */
  readonly flag: string | null
}

export interface MapLink {
  readonly id: string
  readonly from: string
  readonly to: string
  /** Patterns, tags or tables by which the one removes what the other stores; none: it is known to be read or written, and no more. */
  readonly by: readonly string[]
}

export interface MapGraph {
  readonly nodes: readonly MapNode[]
  readonly links: readonly MapLink[]
}

/** How the server says that a write removes by way of a table. */
const BY_TABLE = /^table (.+)$/

function nodeId(kind: NodeKind, name: string): string {
  return `${kind}:${name}`
}

/** Writes, tables and reads as nodes. What is removed by way of a table goes through that table. */
export function graphOf(map: MapAnswer): MapGraph {
  const tables = new Set([...map.reads, ...map.writes].flatMap((node) => node.tables))
  const links = new Links()
  for (const { name, tables: written } of map.writes) {
    for (const table of written) links.add(nodeId('write', name), nodeId('table', table))
  }
  for (const { name, tables: read } of map.reads) {
    for (const table of read) links.add(nodeId('table', table), nodeId('read', name))
  }
  for (const { write, read, by } of map.edges) {
    const [from, to] = [nodeId('write', write), nodeId('read', read)]
    const table = BY_TABLE.exec(by)?.[1]
    if (table === undefined || !tables.has(table)) links.add(from, to, by)
    else {
      links.add(from, nodeId('table', table), by)
      links.add(nodeId('table', table), to, by)
    }
  }
  return { nodes: ordered(nodesOf(map, tables), links.all), links: links.all }
}

class Links {
  readonly #byId = new Map<string, { from: string; to: string; by: string[] }>()

  add(from: string, to: string, by?: string): void {
    const id = `${from} → ${to}`
    const link = this.#byId.get(id) ?? { from, to, by: [] }
    if (by !== undefined && !link.by.includes(by)) link.by.push(by)
    this.#byId.set(id, link)
  }

  get all(): readonly MapLink[] {
    return [...this.#byId].map(([id, link]) => ({ id, ...link }))
  }
}

function nodesOf(map: MapAnswer, tables: ReadonlySet<string>): readonly MapNode[] {
  const [unevicted, idle] = [new Set(map.unevicted), new Set(map.idle)]
  const nodes = [
    ...map.writes.map(({ name, event, patterns, tags }) => ({
      kind: 'write' as const,
      name,
      about: [...(event === null ? [] : [event]), ...patterns, ...tags.map((tag) => `tag ${tag}`)],
      flag: idle.has(name) ? 'evicts nothing that a read stores' : null,
    })),
    ...[...tables].map((name) => ({ kind: 'table' as const, name, about: [], flag: null })),
    ...map.reads.map(({ name, template }) => ({
      kind: 'read' as const,
      name,
      about: [template],
      flag: unevicted.has(name) ? 'nothing evicts it' : null,
    })),
  ]
  const byId = new Map<string, MapNode>()
  for (const node of nodes) {
    const id = nodeId(node.kind, node.name)
    const about = [...new Set([...(byId.get(id)?.about ?? []), ...node.about])]
    byId.set(id, { id, ...node, about })
  }
  return [...byId.values()]
}

/** Reads by their paths; the others beside what they are linked with, so that few lines cross. */
function ordered(nodes: readonly MapNode[], links: readonly MapLink[]): readonly MapNode[] {
  const reads = nodes.filter(({ kind }) => kind === 'read').sort(byPath)
  const height = new Map(reads.map(({ id }, nth) => [id, nth + 0.5]))
  const rest: MapNode[] = []
  for (const kind of ['table', 'write'] as const) {
    const column = nodes.filter((node) => node.kind === kind)
    const wish = new Map(column.map(({ id }) => [id, meanHeight(id, links, height)]))
    column.sort((one, other) => (wish.get(one.id) ?? 0) - (wish.get(other.id) ?? 0) || byPath(one, other))
    const step = reads.length / Math.max(1, column.length)
    for (const [nth, { id }] of column.entries()) height.set(id, (nth + 0.5) * step)
    rest.unshift(...column)
  }
  return [...rest, ...reads]
}

/** What is linked with nothing goes to the end. */
function meanHeight(id: string, links: readonly MapLink[], height: ReadonlyMap<string, number>): number {
  const heights = links.filter(({ from }) => from === id).flatMap(({ to }) => height.get(to) ?? [])
  if (heights.length === 0) return Number.MAX_SAFE_INTEGER
  return heights.reduce((sum, value) => sum + value, 0) / heights.length
}

function byPath(one: MapNode, other: MapNode): number {
  const path = ({ name }: MapNode) => name.replace(/^[A-Z]+ /, '')
  return path(one).localeCompare(path(other)) || one.name.localeCompare(other.name)
}

/** All that is linked with a node, over tables as well, and the node itself. */
export function linkedWith(id: string, { links }: MapGraph): ReadonlySet<string> {
  const found = new Set([id])
  for (const direction of ['from', 'to'] as const) {
    const other = direction === 'from' ? 'to' : 'from'
    let edge = [id]
    while (edge.length > 0) {
      edge = links
        .filter((link) => edge.includes(link[direction]) && link.by.length > 0)
        .map((link) => link[other])
        .filter((next) => !found.has(next))
      for (const next of edge) found.add(next)
    }
  }
  for (const link of links) {
    if (link.from === id) found.add(link.to)
    if (link.to === id) found.add(link.from)
  }
  return found
}
