import { expect } from 'chai'
import { readQuestion } from '#pages/views/question.js'

const asked = (parts: Partial<Parameters<typeof readQuestion>[0]>) =>
  readQuestion({ method: 'GET', url: '/', headers: '', user: '', ...parts })

describe('a question to the dashboard', () => {
  it('takes a path, with or without its slash, or an address as it was copied', () => {
    for (const url of ['/customers?page=2', 'customers?page=2', ' https://crm.example/customers?page=2 ']) {
      expect(asked({ url })).to.deep.equal({ method: 'GET', url: '/customers?page=2' })
    }
    expect(asked({ url: 'http://crm.example' }).url).to.equal('/')
  })

  it('reads headers line by line, and the user as JSON', () => {
    expect(
      asked({ headers: 'Accept-Language: ja\n\n X-Time : 10:30 \n', user: ' {"id": 7} ' }),
    ).to.deep.equal({
      method: 'GET',
      url: '/',
      headers: { 'accept-language': 'ja', 'x-time': '10:30' },
      user: { id: 7 },
    })
  })

  it('says what cannot be read', () => {
    expect(() => asked({ headers: 'Accept-Language' })).to.throw('The line “Accept-Language” is no header.')
    expect(() => asked({ user: '{ id: 7 }' })).to.throw('Who is signed in is not JSON.')
  })
})
