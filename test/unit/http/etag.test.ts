import { expect } from 'chai'
import express from 'express'
import { etagOf, type Tagged, weakTag } from '#src/http/etag.js'

describe('weakTag', () => {
  for (const text of ['', '{}', 'ü'.repeat(5_000)]) {
    it(`is what Express gives a body of ${text.length} characters`, () => {
      const body = Buffer.from(text)
      expect(weakTag(body)).to.equal(express().get('etag fn')(body))
    })
  }
})

describe('etagOf', () => {
  const body = Buffer.from('plain')

  it('is never of a body as it is kept: only what was made of the plain one', () => {
    const kept: Tagged = { body, encoding: 'br' }
    expect(etagOf(kept, String)).to.equal(undefined)
    expect(etagOf({ ...kept, tag: { by: String, etag: '"1"' } }, String)).to.equal('"1"')
  })

  it('is made anew for another maker', () => {
    const answer: Tagged = { body }
    expect(etagOf(answer, () => '"1"')).to.equal('"1"')
    expect(etagOf(answer, undefined)).to.equal(undefined)
    expect(etagOf(answer, () => '"2"')).to.equal('"2"')
  })
})
