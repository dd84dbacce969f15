import { expect } from 'chai'
import { CommandError } from '#demo/command-error.js'
import { readGatewayConfig } from '#demo/gateway/gateway-config.js'

describe('readGatewayConfig', () => {
  it('looks for the services on this machine, at the ports after its own', () => {
    expect(readGatewayConfig({ PORT: '4000', AUTH_URL: '' })).to.deep.include({
      port: 4_000,
      host: '127.0.0.1',
      urls: {
        auth: 'http://127.0.0.1:4001',
        customer: 'http://127.0.0.1:4002',
        'sales-activity': 'http://127.0.0.1:4003',
        opportunity: 'http://127.0.0.1:4004',
        analytics: 'http://127.0.0.1:4005',
      },
    })
  })

  it('takes the URL of each service', () => {
    const { port, host, urls } = readGatewayConfig({
      PORT: '0',
      HOST: '0.0.0.0',
      AUTH_URL: 'http://auth:3000',
      CUSTOMER_URL: 'http://customer/',
      SALES_ACTIVITY_URL: 'http://sales-activity:80',
      OPPORTUNITY_URL: 'http://[::1]:3000',
      ANALYTICS_URL: 'http://10.0.0.5:3000',
    })
    expect([port, host]).to.deep.equal([0, '0.0.0.0'])
    expect(urls).to.deep.equal({
      auth: 'http://auth:3000',
      customer: 'http://customer',
      'sales-activity': 'http://sales-activity',
      opportunity: 'http://[::1]:3000',
      analytics: 'http://10.0.0.5:3000',
    })
  })

  const mistakes: [env: Record<string, string>, says: RegExp][] = [
    [{ PORT: 'http' }, /^PORT is "http"/],
    [{ PORT: '0' }, /^AUTH_URL must be set: with PORT 0/],
    [{ PORT: '65531' }, /^ANALYTICS_URL must be set: with PORT 65531/],
    [{ AUTH_URL: 'auth:3000' }, /^AUTH_URL is "auth:3000", but must be http:\/\/host:port/],
    [{ CUSTOMER_URL: 'https://customer' }, /^CUSTOMER_URL/],
    [{ SALES_ACTIVITY_URL: 'http://sales/activity' }, /^SALES_ACTIVITY_URL is .* without a path/],
    [{ ANALYTICS_URL: 'http://a:b@analytics' }, /^ANALYTICS_URL/],
  ]
  for (const [env, says] of mistakes) {
    it(`says in one line what is wrong with ${JSON.stringify(env)}`, () => {
      expect(() => readGatewayConfig(env)).to.throw(CommandError, says)
    })
  }
})
