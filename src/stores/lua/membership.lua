-- The processes that share the cache: a sorted set of them by when their last heartbeat came, and a hash of the newest
-- roll call that each has answered. The hash has the number of the newest roll call of all under an empty name.
--
-- A process that was out of touch calls the roll. It may believe what it finds again once each of the others has
-- answered: has said, after it heard of this call, that it has no pending evictions. A heartbeat sent before the call
-- says nothing about it, whenever it is processed: it names the roll calls that its sender had heard of.
-- include: sorted-sets
-- include: server-time

-- In one that comes later than that after the one before, the store or its way there stood still: others cannot be
-- judged by their silence.
local STEADY_WITHIN_MS = 2500
-- How long the others have to answer a roll call: where no message tells them of it, their next heartbeat does.
local ANSWER_WITHIN_MS = 1500

-- Where the count was lost it begins beyond any that was.
local function newestCall(calls, now)
  return tonumber(healed('HGET', calls, '')) or now * 1000
end

-- Since when a process must have been heard, not to count as expired; nothing, if none can be judged.
local function judgedSince(now, before, called, begunAt, expiredAfterMs)
  if called then return now - begunAt >= ANSWER_WITHIN_MS and begunAt end
  if not before or now - before <= STEADY_WITHIN_MS then return now - expiredAfterMs end
  return false
end

local function forgetExpired(members, calls, since)
  if not since then return 0 end
  local expired = redis.call('ZRANGEBYSCORE', members, '-inf', '(' .. string.format('%.0f', since))
  if #expired == 0 then return 0 end
  redis.call('ZREM', members, unpack(expired))
  healed('HDEL', calls, unpack(expired))
  return #expired
end

local function countMissing(members, calls, number)
  local missing = 0
  for _, id in ipairs(redis.call('ZRANGE', members, 0, -1)) do
    if (tonumber(healed('HGET', calls, id)) or 0) < number then missing = missing + 1 end
  end
  return missing
end

-- Notes that a process has no pending evictions, and what it had heard of then. Takes its arguments as they come, as
-- texts. called: the number of its own roll
-- call; 0 begins one; nothing if it calls none. Returns the time, the newest roll call, its own and when that began
-- (0, 0 if it calls none), how many have not answered it, whether the sender was known (1 or 0), and how many have
-- expired.
local function heartbeat(members, calls, channel, id, heardText, calledText, begunAtText, expiredAfterText, lifetimeMs)
  local heard, called, begunAt, expiredAfterMs =
    tonumber(heardText), tonumber(calledText), tonumber(begunAtText), tonumber(expiredAfterText)
  local now = timeMs()
  local before = tonumber(healed('ZSCORE', members, id))
  local newest = newestCall(calls, now)
  local known = before and healed('HGET', calls, id) and 1 or 0
  redis.call('ZADD', members, now, id)
  local begins = called and (called == 0 or called > newest)
  if begins then newest, begunAt = newest + 1, now end
  if begins then called = newest end
  if called then heard = math.max(heard, called) end
  -- What it heard before the count was lost is no answer.
  if heard > newest then heard = 0 end
  redis.call('HSET', calls, '', string.format('%.0f', newest), id, string.format('%.0f', heard))
  if begins then redis.call('PUBLISH', channel, string.format('%.0f', newest)) end
  local expired = forgetExpired(members, calls, judgedSince(now, before, called, begunAt, expiredAfterMs))
  redis.call('PEXPIRE', members, lifetimeMs)
  redis.call('PEXPIRE', calls, lifetimeMs)
  if not called then return now, newest, 0, 0, 0, known, expired end
  return now, newest, called, begunAt, countMissing(members, calls, called), known, expired
end
