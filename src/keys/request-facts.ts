/** What a placeholder without a source may also name, where the route has no parameter of that name. */
const REQUEST_FACTS = ['url', 'host', 'method'] as const

/** `url`: path and query as they came in; `host`: which name of the server was asked; `method`: in which way. */
export type RequestFact = (typeof REQUEST_FACTS)[number]

export function isRequestFact(name: string | undefined): name is RequestFact {
  return REQUEST_FACTS.some((fact) => fact === name)
}
