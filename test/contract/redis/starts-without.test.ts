import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { freePort } from '../../support/free-port.js'
import { describeOnEachClient } from '../../support/redis-clients.js'

const PROGRAM = fileURLToPath(new URL('./starts-without.js', import.meta.url))

describeOnEachClient('a program that starts without Redis', ({ name }) => {
  for (const setUp of ['a client', 'a lazy client', 'a cluster']) {
    it(`goes on, and ends when it is done, with ${setUp}`, async () => {
      const args = [PROGRAM, name, setUp, String(await freePort())]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      expect(stdout).to.equal('null\n')
    })
  }
})
