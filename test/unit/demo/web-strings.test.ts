import { expect } from 'chai'
import { en } from '#demo/web/page/strings/en.js'
import { ja } from '#demo/web/page/strings/ja.js'

describe('what the page of the CRM says', () => {
  it('says the same things in both languages', () => {
    expect(Object.keys(ja)).to.deep.equal(Object.keys(en))
  })

  it('has the same values in both, and something to say of each', () => {
    for (const [key, english] of Object.entries(en)) {
      const japanese = ja[key as keyof typeof en]
      expect(valuesOf(japanese), key).to.deep.equal(valuesOf(english))
      for (const text of [english, japanese]) expect(text.trim(), key).to.equal(text).and.not.equal('')
    }
  })
})

function valuesOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).sort()
}
