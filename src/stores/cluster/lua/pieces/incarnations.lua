-- Each index has a member that begins with the byte 255, drawn when the index is made: its incarnation. It is lost with
-- the index, so whoever reads the same one twice knows that nothing was lost in between.
-- include: flat-index

local INCARNATION = '\255'

-- Empty for an index that there is not.
local function incarnationOf(index)
  local found = redis.call('ZRANGEBYLEX', index, '[' .. INCARNATION, '+', 'LIMIT', 0, 1)
  return found[1] or ''
end

-- The index outlives everything it lists. The incarnation is for an index that is new.
local function enlist(index, key, lifetimeMs, incarnation)
  local added = healed('ZADD', index, 0, key)
  outlive(index, lifetimeMs)
  if added == 1 and redis.call('ZCARD', index) == 1 then
    redis.call('ZADD', index, 0, INCARNATION .. incarnation)
  end
end
