import { expect } from 'chai'
import { parameterNames } from '#src/express/parameter-names.js'

describe('parameterNames', () => {
  const cases: [path: string, names: string[]][] = [
    ['/customers/:id', ['id']],
    ['/a/:one/b/:two(\\d+)', ['one', 'two']],
    ['/files/*path', ['path']],
    ['/:"quoted name"/x{/:optional}', ['quoted name', 'optional']],
    ['/flights/:from-:to', ['from', 'to']],
    ['/plain', []],
  ]
  for (const [path, names] of cases) {
    it(`finds those of ${path}`, () => expect([...parameterNames(path)]).to.deep.equal(names))
  }
})
