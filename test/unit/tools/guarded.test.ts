import { once } from 'node:events'
import { expect } from 'chai'
import { atOnce, isAsync, isThenable, tellGuarded, tellOneGuarded } from '#src/tools/guarded.js'

/** What `await` takes for a promise, if `then` is a function. */
const withThen = (then: unknown): object => Object.fromEntries([['then', then]])

describe('tellGuarded', () => {
  it('warns of what throws and of what rejects, once a minute for each', async () => {
    const warnings: string[] = []
    const hear = ({ name, message, detail = '' }: Error & { detail?: string }) =>
      warnings.push(`${name} ${message} (${detail.split('\n')[0]})`)
    const throwing = () => {
      throw Object.create(null)
    }
    const throwingThat = (text: string) => {
      throw new Error(text)
    }
    const rejecting = async (text: string) => Promise.reject(new Error(text))
    const rejectingToo = (text: string) => rejecting(text)
    process.on('warning', hear)
    try {
      for (let turn = 0; turn < 3; turn++) {
        tellGuarded('The first', throwing)
        tellGuarded('The second', rejecting, 'late')
        tellOneGuarded('The third', throwingThat, 'wrong')
        tellOneGuarded('The fourth', rejectingToo, 'later')
      }
      await once(process, 'warning')
      await new Promise(setImmediate)
    } finally {
      process.off('warning', hear)
    }
    expect(warnings).to.deep.equal([
      'ExpressCacheableWarning something without a text was thrown (The first failed)',
      'ExpressCacheableWarning wrong (The third failed)',
      'ExpressCacheableWarning late (The second failed)',
      'ExpressCacheableWarning later (The fourth failed)',
    ])
  })

  it('hands on what is told', () => {
    const told: string[] = []
    tellGuarded('A function', (...texts: string[]) => told.push(...texts), 'a', 'b')
    expect(told).to.deep.equal(['a', 'b'])
  })
})

describe('atOnce', () => {
  const fault = () => new Error('no promise')

  it('gives the answer', () => {
    expect(atOnce((a: number, b: number) => a + b, fault)(1, 2)).to.equal(3)
  })

  it('throws for a promise, and for what is like one', () => {
    const others: unknown[] = [Promise.resolve(1), Promise.reject(new Error('late')), withThen(() => {})]
    for (const other of others) expect(atOnce(() => other, fault)).to.throw('no promise')
  })
})

describe('what gives no answer at once', () => {
  it('is seen', () => {
    expect([async () => {}, async function* () {}, function* () {}].map(isAsync)).to.deep.equal([
      true,
      true,
      true,
    ])
    expect([() => {}, class {}, undefined].map(isAsync)).to.deep.equal([false, false, false])
    expect([Promise.resolve(), withThen(1), null, 'then'].map(isThenable)).to.deep.equal([
      true,
      false,
      false,
      false,
    ])
  })
})
