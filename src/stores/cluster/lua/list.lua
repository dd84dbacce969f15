-- Enters a key in the index for a load that is about to begin.
--
-- KEYS: index, marks
-- ARGV: key, life in ms, incarnation for a new index, whether the key has to be listed already (1 or 0); if there is a
--   key limit, its prefix and its number
-- Returns `listed`, the moment (see tag-marks.lua), and 1 if the key has a record of tags, otherwise 0; `unknown`, if
-- the key had to be listed and was not; or `full` and some of the keys.
-- include: incarnations
-- include: shard-tags
-- include: tag-marks

local index, marks = unpack(KEYS)
local key, lifetimeMs, incarnation, mustBeListed, limitPrefix, maxKeys = unpack(ARGV)
local DEAD_LOOKED_FOR = 20

local listed = isListed(index, key)
if mustBeListed == '1' and not listed then return { 'unknown' } end
if limitPrefix and not listed then
  local first, last = '[' .. limitPrefix, endOf(limitPrefix)
  local count = redis.call('ZLEXCOUNT', index, first, last)
  if count >= tonumber(maxKeys) then
    local size = math.min(count, DEAD_LOOKED_FOR)
    local offset = redis.call('TIME')[2] % (count - size + 1)
    return { 'full', unpack(redis.call('ZRANGEBYLEX', index, first, last, 'LIMIT', offset, size)) }
  end
end
enlist(index, key, tonumber(lifetimeMs), incarnation)
return { 'listed', momentNow(marks, incarnation), recordOf(index, key) and 1 or 0 }
