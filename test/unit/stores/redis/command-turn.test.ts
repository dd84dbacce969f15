import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { CommandTurn } from '#src/stores/redis/command-turn.js'
import type { ScriptClient } from '#src/stores/redis/define-script.js'

describe('CommandTurn', () => {
  let done: string[]
  let turn: CommandTurn

  beforeEach(() => {
    done = []
    const hold: ScriptClient['hold'] = () => {
      done.push('hold')
      return () => done.push('let go')
    }
    turn = new CommandTurn({ hold } as ScriptClient)
  })

  it('runs what is for its end before it lets go', async () => {
    for (const name of ['a', 'b']) turn.atEnd(() => done.push(name))
    await setImmediate()
    expect(done).to.deep.equal(['hold', 'a', 'b', 'let go'])
  })

  it('runs at the end of the next turn what was asked for at the end of this one', async () => {
    turn.atEnd(() => turn.atEnd(() => done.push('next')))
    await setImmediate()
    expect(done).to.deep.equal(['hold', 'let go', 'hold'])
    await setImmediate()
    expect(done).to.deep.equal(['hold', 'let go', 'hold', 'next', 'let go'])
  })
})
