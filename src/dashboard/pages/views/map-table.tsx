import type { MapAnswer } from '../../dashboard-api.js'
import { NOTHING } from '../format.js'
import { Scroller } from '../parts/scroller.js'

/** The map in words, for those who do not see it or want to copy it. */
export function MapTable({ map }: { readonly map: MapAnswer }) {
  return (
    <details class="panel">
      <summary>The map as a table</summary>
      <Scroller label="The map as a table">
        <table>
          <caption class="hidden">What each write removes</caption>
          <thead>
            <tr>
              <th scope="col">Write</th>
              <th scope="col">Removes</th>
              <th scope="col">By</th>
            </tr>
          </thead>
          <tbody>
            {map.writes.flatMap(({ name }) => rowsOf(name, map))}
            {map.unevicted.map((name) => (
              <tr key={name}>
                <th scope="row">{NOTHING}</th>
                <td>{name}</td>
                <td>nothing evicts it</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </details>
  )
}

function rowsOf(write: string, { edges }: MapAnswer) {
  const own = edges.filter((edge) => edge.write === write)
  if (own.length === 0) {
    return [
      <tr key={write}>
        <th scope="row">{write}</th>
        <td>{NOTHING}</td>
        <td>evicts nothing that a read stores</td>
      </tr>,
    ]
  }
  return own.map(({ read, by }) => (
    <tr key={`${write} ${read} ${by}`}>
      <th scope="row">{write}</th>
      <td>{read}</td>
      <td>
        <code>{by}</code>
      </td>
    </tr>
  ))
}
