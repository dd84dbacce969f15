import { expect } from 'chai'
import fc from 'fast-check'
import { TrainingSet } from '#src/stores/dictionaries/training-set.js'

describe('what is learned of a rule’s answers', () => {
  const INDUSTRIES = ['software', 'energy', 'finance', 'health']
  const row = (id: number) => ({
    ...{ id, name: `n${(id * 7919).toString(36)}`, industry: INDUSTRIES[id % 4] as string },
  })

  async function learned(answers: readonly unknown[], takesValues = true): Promise<string> {
    const training = new TrainingSet(takesValues)
    for (const [nth, answer] of answers.entries()) {
      training.add(`key:${nth}`, Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)))
    }
    expect(training.isComplete).to.equal(answers.length >= 64)
    return (await training.dictionary()).toString()
  }

  const answersOf = (make: (nth: number) => unknown) => Array.from({ length: 64 }, (_, nth) => make(nth))

  it('is the names of fields, and values that many records have', async () => {
    const text = await learned(answersOf(row))
    expect(text).to.include('"industry":"software"}').and.include('"name":"')
  })

  it('is nothing of one record, in however many answers that stands', async () => {
    const ada = { id: 1, name: 'Ada Lovelace', email: 'ada@mail.example', industry: 'software' }
    const text = await learned(answersOf((nth) => ({ rows: [ada, row(nth + 2)], newest: ada })))
    expect(text).not.to.match(/Ada|Lovelace|ada@|[.]example/)
    expect(text).to.include('"industry":"')
  })

  it('is nothing of one record that is another each time it is read', async () => {
    const text = await learned(
      answersOf((nth) => [
        { id: 1, name: 'Ada Lovelace', seenAt: nth },
        { ...row(nth + 2), seenAt: nth },
      ]),
    )
    expect(text).not.to.match(/Ada|Lovelace/)
  })

  it('is no value at all, where answers are one person’s own', async () => {
    const text = await learned(answersOf(row), false)
    expect(text).to.include('"industry":"').and.not.include('software')
  })

  it('is nothing where answers are no JSON, or have nothing in common', async () => {
    const training = new TrainingSet(true)
    for (let nth = 0; nth < 100; nth += 1) training.add(`key:${nth}`, Buffer.from(`<p>the same ${nth}</p>`))
    expect(training.isComplete).to.equal(false)
    expect(await learned(answersOf((nth) => ({ [`${nth}`.repeat(5)]: nth })))).to.equal('')
  })

  it('leaves out the head of a message', async () => {
    const head = 'HTTP/1.1 200\r\nx-user: Ada Lovelace\r\n\r\n'
    const text = await learned(answersOf((nth) => head + JSON.stringify(row(nth))))
    expect(text).to.include('"industry":"').and.not.include('Ada')
  })

  it('never has four bytes in a row of what stands in one record alone', async () => {
    const secret = fc.stringMatching(/^[Q-Z]{4,12}$/)
    await fc.assert(
      fc.asyncProperty(fc.array(secret, { minLength: 64, maxLength: 64 }), fc.nat(63), async (notes, at) => {
        const hidden = notes[at] as string
        const text = await learned(answersOf((nth) => ({ ...row(nth), note: notes[nth] as string })))
        for (let from = 0; from + 4 <= hidden.length; from += 1) {
          const piece = hidden.slice(from, from + 4)
          const isRare = notes.filter((note) => note.includes(piece)).length < 8
          if (isRare) expect(text).not.to.include(piece)
        }
      }),
      { numRuns: 25 },
    )
  })
})
