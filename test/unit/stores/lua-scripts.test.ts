import { expect } from 'chai'
import { CLUSTER_BROWSING_SCRIPTS } from '#src/stores/cluster/cluster-browsing-scripts.js'
import { CLUSTER_SCRIPTS } from '#src/stores/cluster/cluster-scripts.js'
import { CLUSTER_TAG_SCRIPTS } from '#src/stores/cluster/cluster-tag-scripts.js'
import { CLUSTER_LUA, REDIS_LUA } from '#src/stores/lua/scripts.generated.js'
import { BROWSING_SCRIPTS } from '#src/stores/redis/browsing-scripts.js'
import { GATHERING_SCRIPTS } from '#src/stores/redis/gathering-scripts.js'
import { permissions } from '#src/stores/redis/permissions.js'
import { REDIS_SCRIPTS } from '#src/stores/redis/redis-scripts.js'
import { SHELF_SCRIPTS } from '#src/stores/redis/redis-shelf.js'

for (const [store, scripts, sources] of [
  [
    'Redis store',
    [...REDIS_SCRIPTS, ...BROWSING_SCRIPTS, ...GATHERING_SCRIPTS, ...SHELF_SCRIPTS, permissions],
    Object.values(REDIS_LUA),
  ],
  [
    'cluster store',
    [...CLUSTER_SCRIPTS, ...CLUSTER_TAG_SCRIPTS, ...CLUSTER_BROWSING_SCRIPTS],
    Object.values(CLUSTER_LUA),
  ],
] as const) {
  describe(`The Lua scripts of the ${store}`, () => {
    it('are each called through one definition', () => {
      expect(scripts.map(({ lua }) => lua)).to.have.members(sources.map(({ lua }) => lua))
      expect(scripts.map(({ numberOfKeys }) => numberOfKeys)).to.have.members(
        sources.map(({ keys }) => keys.length),
      )
    })

    it('have a command each', () => {
      expect(new Set(scripts.map(({ command }) => command)).size).to.equal(scripts.length)
    })

    it('reach Redis without comments', () => {
      expect(scripts.filter(({ lua }) => /^\s*--/m.test(lua))).to.deep.equal([])
    })
  })
}
