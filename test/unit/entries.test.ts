import { createRequire } from 'node:module'
import { expect } from 'chai'

const require = createRequire(import.meta.url)
const { exports: entries }: { exports: Record<string, unknown> } = require('express-cacheable/package.json')

describe('each entry of the package', () => {
  for (const entry of Object.keys(entries).filter((name) => name !== './package.json')) {
    const name = entry.replace('.', 'express-cacheable')

    it(`${name} gives one and the same thing to import and to require`, async () => {
      const imported: Record<string, unknown> = { ...(await import(name)) }
      const required: Record<string, unknown> = require(name)
      expect(Object.keys(required)).to.not.be.empty
      expect(Object.keys(imported).sort()).to.deep.equal(Object.keys(required).sort())
      for (const key of Object.keys(required)) expect(imported[key], key).to.equal(required[key])
    })
  }
})
