import { SORTED_SETS } from '../redis/lua-pieces.js'

/**
 * The index of a cluster's shard: one sorted set. It takes some 107 bytes for each key, where a paged one takes 30.
 *
 * But while a slot moves to another server, a part of what it holds may already be there. With several names that
 * would be some pages, and a script that cannot see a page would count it as lost and make it anew. One name is
 * there or not.
 */
export const FLAT_INDEX = `${SORTED_SETS}
local function isListed(index, key) return healed('ZSCORE', index, key) ~= false end

-- The index outlives everything it lists. Says whether the key is new to it.
local function enlist(index, key, lifetimeMs)
  local added = healed('ZADD', index, 0, key)
  outlive(index, lifetimeMs)
  return added == 1
end

-- Up to count listed keys that begin with start and come after the cursor, if there is one.
local function listedFrom(index, start, cursor, count)
  local from = cursor ~= '' and '(' .. cursor or '[' .. start
  return redis.call('ZRANGEBYLEX', index, from, endOf(start), 'LIMIT', 0, count)
end
`
