import { expect } from 'chai'
import { Snapshot } from '#src/postgres/log/snapshot.js'

describe('Snapshot', () => {
  it('tells transactions that are over from those that run and those that have not begun', () => {
    const snapshot = Snapshot.from('100:110:100,104')
    const over = [99n, 100n, 101n, 104n, 109n, 110n, 111n].map((xid) => snapshot.isOver(xid))
    expect(over).to.deep.equal([true, false, true, false, true, false, false])
  })

  it('has nothing that runs where nothing does', () => {
    expect(Snapshot.from('7:7:').isOver(6n)).to.equal(true)
    expect(Snapshot.from('7:7:').isOver(7n)).to.equal(false)
  })

  it('finds the transaction that the lower half of a number means, on both sides of where it begins anew', () => {
    const epoch = 3n << 32n
    const late = Snapshot.from(`${epoch + 5n}:${epoch + 10n}:`)
    expect(late.fullXid(9)).to.equal(epoch + 9n)
    expect(late.fullXid(0xffff_fff0)).to.equal(epoch - 16n)
    const early = Snapshot.from(`${epoch - 5n}:${epoch - 3n}:`)
    expect(early.fullXid(4)).to.equal(epoch + 4n)
    expect(early.isOver(early.fullXid(4))).to.equal(false)
  })

  it('names those that began after an earlier one', () => {
    const before = Snapshot.from('100:110:100')
    expect(Snapshot.from('100:120:100,109,110,115').begunSince(before)).to.deep.equal([110n, 115n])
  })

  it('is read from nothing else', () => {
    expect(() => Snapshot.from('100')).to.throw(RangeError)
  })
})
