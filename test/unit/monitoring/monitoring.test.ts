import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { Monitoring, type Question } from '#src/monitoring/monitoring.js'
import type { Gathering, OpenQuestion } from '#src/stores/gathering.js'
import { install } from '../../support/fake-time.js'
import { gate } from '../../support/gate.js'
import { processReport } from '../../support/process-report.js'
import { settled } from '../engine/engine-for-tests.js'

describe('Monitoring', () => {
  let questions: OpenQuestion[]
  let reports: string[]
  let answers: [id: string, text: string][]
  let onReport: () => Promise<void>
  let beat: (isWatched: boolean) => Promise<void>
  let monitoring: Monitoring
  let made: number

  beforeEach(() => {
    questions = []
    reports = []
    answers = []
    made = 0
    onReport = async () => {}
    let listener: (isWatched: boolean) => void = () => {}
    const gathering: Partial<Gathering> = {
      async report(text) {
        reports.push(text)
        await onReport()
        return questions
      },
      async answer(id, text) {
        answers.push([id, text])
      },
    }
    monitoring = new Monitoring({
      gathering: gathering as Gathering,
      onWatched(told) {
        listener = told
      },
    })
    monitoring.onReport(() => {
      made += 1
      return processReport('one')
    })
    beat = async (isWatched) => {
      listener(isWatched)
      await settled()
    }
  })
  afterEach(() => monitoring.close())

  const asked = (id: string, question: Question) => {
    questions = [...questions, { id, text: JSON.stringify(question) }]
  }

  it('says and computes nothing while nobody looks', async () => {
    await beat(false)
    await beat(false)
    expect([made, reports.length, monitoring.isWatched]).to.deep.equal([0, 0, false])
  })

  it('says what this process is after each heartbeat while somebody does', async () => {
    await beat(true)
    await beat(true)
    expect(monitoring.isWatched).to.equal(true)
    await beat(false)
    expect([made, monitoring.isWatched]).to.deep.equal([2, false])
    expect(reports.map((text) => JSON.parse(text).id)).to.deep.equal(['one', 'one'])
  })

  it('makes no other report while one is on its way', async () => {
    const way = gate()
    onReport = () => way.wait
    await beat(true)
    await beat(true)
    expect(made).to.equal(1)
    way.open()
    await settled()
    await beat(true)
    expect(made).to.equal(2)
  })

  it('goes on where the store refuses a report, or it cannot be made', async () => {
    onReport = () => Promise.reject(new Error('no memory'))
    await beat(true)
    monitoring.onReport(() => {
      throw new Error('a mistake')
    })
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    await beat(true)
    expect((await warned).message).to.equal('a mistake')
    expect(monitoring.report()).to.equal(null)
    monitoring.onReport(() => processReport('two'))
    onReport = async () => {}
    await beat(true)
    expect(reports.map((text) => JSON.parse(text).id)).to.deep.equal(['one', 'two'])
  })

  it('answers each question once', async () => {
    monitoring.onQuestion(({ kind, nth }) => ({ kind, nth }))
    asked('a', { kind: 'count', nth: 1 })
    await beat(true)
    asked('b', { kind: 'count', nth: 2 })
    await beat(true)
    expect(answers).to.deep.equal([
      ['a', '{"kind":"count","nth":1}'],
      ['b', '{"kind":"count","nth":2}'],
    ])
  })

  it('has no answer to what is no question, to one that fails, and none that is too long', async () => {
    monitoring.onQuestion(async ({ kind }) => {
      if (kind === 'fails') throw new Error('no')
      if (kind === 'circle') return [1n]
      return kind === 'long' ? 'x'.repeat(100_000) : undefined
    })
    for (const kind of ['fails', 'long', 'unknown']) asked(kind, { kind })
    questions.push({ id: 'garbage', text: '{' }, { id: 'none', text: '{"kind":1}' })
    await beat(true)
    expect(answers.map(([id]) => id)).to.have.members(['fails', 'long', 'unknown', 'garbage', 'none'])
    expect(answers.map(([, text]) => text)).to.deep.equal(Array(5).fill('null'))
    asked('circle', { kind: 'circle' })
    await beat(true)
    expect(answers).to.have.lengthOf(5)
  })

  it('reports on while an answer does not come', async () => {
    monitoring.onQuestion(() => new Promise(() => {}))
    asked('a', { kind: 'endless' })
    await beat(true)
    await beat(true)
    expect(reports).to.have.lengthOf(2)
  })

  describe('of a look in this process', () => {
    let clock: Clock
    beforeEach(() => {
      clock = install({ toFake: ['setTimeout', 'clearTimeout'] })
    })
    afterEach(() => clock.uninstall())

    it('knows for some seconds after the last', () => {
      monitoring.noteLook()
      expect(monitoring.isWatched).to.equal(true)
      clock.tick(4_000)
      monitoring.noteLook()
      clock.tick(4_000)
      expect(monitoring.isWatched).to.equal(true)
      clock.tick(1_001)
      expect(monitoring.isWatched).to.equal(false)
    })
  })
})
