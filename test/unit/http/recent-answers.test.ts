import { expect } from 'chai'
import { etagOf } from '#src/http/etag.js'
import { RecentAnswers } from '#src/http/recent-answers.js'

const json = (text: string) => Buffer.from(JSON.stringify(text.padEnd(3_000)))

describe('RecentAnswers', () => {
  let answers: RecentAnswers
  let tags: number
  beforeEach(() => {
    answers = new RecentAnswers()
    tags = 0
  })

  const makeTag = (body: Buffer) => {
    tags += 1
    return body.toString('utf8', 0, 10)
  }
  const tagOf = (key: string, value: Buffer) => {
    const answer = answers.decode(key, value)
    return answer && etagOf(answer, makeTag)
  }

  it('makes the tag of a value once, however often a store gives its bytes', () => {
    for (let nth = 0; nth < 3; nth++) expect(tagOf('item:1', json('one'))).to.equal('"one      ')
    expect(tags).to.equal(1)
  })

  it('makes another one for other bytes of the same length under the key', () => {
    expect(tagOf('item:1', json('one'))).to.equal('"one      ')
    expect(tagOf('item:1', json('two'))).to.equal('"two      ')
    expect(tagOf('item:1', json('one'))).to.equal('"one      ')
    expect(tags).to.equal(3)
  })

  it('remembers nothing once it is cleared', () => {
    for (let nth = 0; nth < 2; nth++) {
      tagOf('item:1', json('one'))
      answers.clear()
    }
    expect(tags).to.equal(2)
  })

  it('does not go by bytes that somebody writes over later', () => {
    const read = json('one')
    tagOf('item:1', read)
    json('two').copy(read)
    expect(answers.decode('item:1', json('one'))?.body.equals(json('one'))).to.equal(true)
    expect(answers.decode('item:1', read)?.body.equals(json('two'))).to.equal(true)
  })

  it('knows nothing of what is no answer', () => {
    expect(answers.decode('item:1', Buffer.alloc(3_000, 'x'))).to.equal(null)
  })
})
