import { expect } from 'chai'
import { graphOf, linkedWith } from '#pages/views/map-graph.js'
import { layOut } from '#pages/views/map-layout.js'
import type { MapAnswer } from '#src/dashboard/dashboard-api.js'

const read = (name: string, ...tables: string[]) => ({ name, template: name, tags: [], tables })
const write = (name: string, ...tables: string[]) => ({ name, patterns: [], tags: [], event: null, tables })

const MAP: MapAnswer = {
  reads: [read('GET /a'), read('GET /b', 'orders'), read('GET /c', 'orders')],
  writes: [write('PUT /b', 'orders'), write('PUT /a'), write('PUT /none')],
  edges: [
    { write: 'PUT /a', read: 'GET /a', by: 'a:*' },
    { write: 'PUT /a', read: 'GET /a', by: 'a' },
    { write: 'PUT /b', read: 'GET /b', by: 'table orders' },
  ],
  unevicted: ['GET /c'],
  idle: ['PUT /none'],
}

describe('the map of the dashboard', () => {
  const graph = graphOf(MAP)

  it('links each write and read once, and those over a table by way of the table', () => {
    expect(graph.links.map(({ id, by }) => `${id} (${by})`)).to.have.members([
      'write:PUT /a → read:GET /a (a:*,a)',
      'write:PUT /b → table:orders (table orders)',
      'table:orders → read:GET /b (table orders)',
      'table:orders → read:GET /c ()',
    ])
    expect(graph.nodes.filter(({ flag }) => flag !== null).map(({ id }) => id)).to.have.members([
      'read:GET /c',
      'write:PUT /none',
    ])
  })

  it('puts writes beside what they remove, and what removes nothing at the end', () => {
    expect(graph.nodes.map(({ id }) => id)).to.deep.equal([
      'write:PUT /a',
      'write:PUT /b',
      'write:PUT /none',
      'table:orders',
      'read:GET /a',
      'read:GET /b',
      'read:GET /c',
    ])
  })

  it('finds what a box is linked with, over tables, and no more', () => {
    expect([...linkedWith('read:GET /b', graph)]).to.have.members([
      'read:GET /b',
      'table:orders',
      'write:PUT /b',
    ])
    expect([...linkedWith('read:GET /a', graph)]).to.have.members(['read:GET /a', 'write:PUT /a'])
    expect([...linkedWith('write:PUT /b', graph)]).to.have.members([
      'write:PUT /b',
      'table:orders',
      'read:GET /b',
    ])
    expect([...linkedWith('read:GET /c', graph)]).to.have.members(['read:GET /c', 'table:orders'])
    expect([...linkedWith('write:PUT /none', graph)]).to.deep.equal(['write:PUT /none'])
  })

  it('fits any width without an overlap, and cuts names in the middle', () => {
    const long = graphOf({ ...MAP, reads: [read(`GET /${'x'.repeat(40)}/begin/${'y'.repeat(40)}/end`)] })
    for (const width of [320, 620, 1280]) {
      const { nodes, columns } = layOut(long, width)
      const [left, right] = [columns[0], columns.at(-1)]
      expect((left?.x ?? 0) + (left?.width ?? 0)).to.be.lessThan(right?.x ?? 0)
      const label = nodes.find(({ kind }) => kind === 'read')?.label ?? ''
      expect(label).to.match(/^GET \/x+.*….*\/end$/)
    }
    expect(
      layOut(graphOf({ ...MAP, reads: [read('GET /a')], writes: [write('PUT /a')] }), 700).columns,
    ).to.have.length(2)
  })
})
