-- The processes that share the cache, by when they last said that they have no pending evictions, in a
-- sorted set.
-- include: sorted-sets

-- Notes that a process has none, and forgets those that have said nothing for too long. Returns the time, when the
-- process that has been silent longest last said so, and how many were forgotten.
local function heartbeat(members, id, expiredAfterMs, lifetimeMs)
  local seconds, microseconds = unpack(redis.call('TIME'))
  local now = seconds * 1000 + math.floor(microseconds / 1000)
  healed('ZADD', members, now, id)
  local expired = redis.call('ZRANGEBYSCORE', members, '-inf', '(' .. string.format('%.0f', now - expiredAfterMs))
  if #expired > 0 then redis.call('ZREM', members, unpack(expired)) end
  redis.call('PEXPIRE', members, lifetimeMs)
  local oldest = redis.call('ZRANGE', members, 0, 0, 'WITHSCORES')[2]
  return now, tonumber(oldest), #expired
end
