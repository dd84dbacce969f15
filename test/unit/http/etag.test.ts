import { brotliCompressSync } from 'node:zlib'
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

  it('is of the plain body, however that is kept', () => {
    const kept: Tagged = { body: brotliCompressSync(body), encoding: 'br' }
    expect(etagOf(kept, String)).to.equal('plain')
  })

  it('is made anew for another maker', () => {
    const answer: Tagged = { body }
    expect(etagOf(answer, () => '"1"')).to.equal('"1"')
    expect(etagOf(answer, undefined)).to.equal(undefined)
    expect(etagOf(answer, () => '"2"')).to.equal('"2"')
  })
})
