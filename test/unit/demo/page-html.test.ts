import { expect } from 'chai'
import { DEFAULT_CONFIG, publicPassword } from '#demo/config.js'
import { pageIn } from '#demo/web/page-html.js'

describe('pageIn', () => {
  const setupIn = (html: string) => {
    const [, written = ''] = /data-setup="([^"]*)"/.exec(html) ?? []
    return JSON.parse(written.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&'))
  }

  it('tells the page who can sign in, and the password that everybody knows', () => {
    const password = publicPassword(DEFAULT_CONFIG.password)
    const { people, ...rest } = setupIn(pageIn('en', { password, dashboard: '/admin/cache/' }))
    expect(people.map(({ email }: { email: string }) => email)).to.deep.equal([
      'admin@crm.example',
      'rep1@crm.example',
      'rep2@crm.example',
    ])
    expect(rest).to.deep.equal({ password: 'crm-demo', dashboard: '/admin/cache/' })
  })

  it('tells nobody a password that somebody has set', () => {
    const html = pageIn('en', { password: publicPassword('quite another one'), dashboard: '/admin/cache/' })
    expect(html).to.not.contain('quite')
    expect(setupIn(html).password).to.equal(null)
  })

  it('lets nothing out of the attribute that it writes', () => {
    const dashboard = '/"><script>&quot;</script>'
    const html = pageIn('ja', { password: null, dashboard })
    expect(setupIn(html).dashboard).to.equal(dashboard)
    expect(html.match(/<script/g)).to.have.length(1)
  })
})
