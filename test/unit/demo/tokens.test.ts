import { expect } from 'chai'
import { SignJWT } from 'jose'
import { createTokens } from '#demo/http/tokens.js'

const SECRET = 'a secret that is long enough for HS256'
const KEY = new TextEncoder().encode(SECRET)
const CLAIMS = { iss: 'express-cacheable-crm', sub: '1', role: 'admin', version: 0, exp: 9_999_999_999 }

describe('tokens of the demo', () => {
  const tokens = createTokens(SECRET)

  it('say who signed in', async () => {
    const token = await tokens.sign({ id: 7, role: 'sales', tokenVersion: 0 })
    expect(await tokens.verify(token)).to.deep.equal({ id: 7, role: 'sales' })
  })

  it('are accepted by another process with the same secret, and by no other', async () => {
    const token = await tokens.sign({ id: 7, role: 'admin', tokenVersion: 0 })
    expect(await createTokens(SECRET).verify(token)).to.deep.equal({ id: 7, role: 'admin' })
    expect(await createTokens().verify(token)).to.equal(null)
  })

  it('end for a user, up to a version, and stay for everybody else', async () => {
    const [old, renewed, other] = await Promise.all([
      tokens.sign({ id: 8, role: 'sales', tokenVersion: 0 }),
      tokens.sign({ id: 8, role: 'sales', tokenVersion: 2 }),
      tokens.sign({ id: 9, role: 'sales', tokenVersion: 0 }),
    ])
    tokens.endBefore(8, 2)
    // What comes late, or again, brings nothing back.
    tokens.endBefore(8, 1)
    expect(await tokens.verify(old)).to.equal(null)
    expect(await tokens.verify(renewed)).to.deep.equal({ id: 8, role: 'sales' })
    expect(await tokens.verify(other)).to.deep.equal({ id: 9, role: 'sales' })
  })

  it('are refused once their payload was changed', async () => {
    const [head, , signature] = (await tokens.sign({ id: 7, role: 'sales', tokenVersion: 0 })).split('.')
    const payload = Buffer.from(JSON.stringify({ sub: '1', role: 'admin' })).toString('base64url')
    expect(await tokens.verify(`${head}.${payload}.${signature}`)).to.equal(null)
  })

  it('are refused when they have expired, are unsigned, or are of another issuer or role', async () => {
    const jwt = (claims: Record<string, unknown>) =>
      new SignJWT({ ...CLAIMS, iat: Math.floor(Date.now() / 1_000), ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(KEY)
    expect(await tokens.verify(await jwt({}))).to.deep.equal({ id: 1, role: 'admin' })
    expect(await tokens.verify(await jwt({ exp: 1 }))).to.equal(null)
    expect(await tokens.verify(await jwt({ exp: undefined }))).to.equal(null)
    expect(await tokens.verify(await jwt({ iat: undefined }))).to.equal(null)
    expect(await tokens.verify(await jwt({ iat: 1 }))).to.equal(null)
    expect(await tokens.verify(await jwt({ iss: 'somebody else' }))).to.equal(null)
    expect(await tokens.verify(await jwt({ role: 'owner' }))).to.equal(null)
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const payload = (await jwt({})).split('.')[1]
    expect(await tokens.verify(`${none}.${payload}.`)).to.equal(null)
  })
})
