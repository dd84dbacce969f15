-- The processes that share the cache: a sorted set of them by when their last heartbeat came, and a hash of the newest
-- roll call that each has answered. Under names that are no process's, the hash has the number of the newest roll call
-- of all, when that began, and up to which number all are known to have answered.
--
-- A process that was out of touch calls the roll. It may believe what it finds again once each of the others has
-- answered: has said, after it heard of this call, that it has no pending evictions. A heartbeat sent before the call
-- says nothing about it, whenever it is processed: it names the roll calls that its sender had heard of.
--
-- All answer each roll call. When all come back at the same time and each calls, that would be the square of them. So
-- those who call while the last one is young share the next one, which begins when one of them looks for its answers.
-- include: sorted-sets
-- include: server-time
-- include: server-identity

-- In one that comes later than that after the one before, the store or its way there stood still: others cannot be
-- judged by their silence.
local STEADY_WITHIN_MS = 2500
-- How long the others have to answer a roll call: where no message tells them of it, their next heartbeat does.
local ANSWER_WITHIN_MS = 1500
-- Between two roll calls, for each process: however many they are, they answer so often in a second and not more often.
local BETWEEN_CALLS_MS, MOST_BETWEEN_CALLS_MS = 0.5, 500
local NEWEST, BEGUN_AT, ANSWERED = '', '\255begun', '\255answered'
local LOOKED_AT_ONCE = 100

-- Where the count was lost it begins beyond any that was.
local function newestCall(calls, now)
  return tonumber(healed('HGET', calls, NEWEST)) or now * 1000
end

-- Since when a process must have been heard, not to count as expired; nothing, if none can be judged.
local function judgedSince(now, before, called, begunAt, expiredAfterMs)
  local isSteady = not before or now - before <= STEADY_WITHIN_MS
  local since = isSteady and now - expiredAfterMs
  if not called then return since end
  return now - begunAt >= ANSWER_WITHIN_MS and math.max(begunAt, since or begunAt)
end

local function forgetExpired(members, calls, since)
  if not since then return 0 end
  local expired = redis.call('ZRANGEBYSCORE', members, '-inf', '(' .. string.format('%.0f', since))
  if #expired == 0 then return 0 end
  redis.call('ZREM', members, unpack(expired))
  healed('HDEL', calls, unpack(expired))
  return #expired
end

-- Whether a process that wants a roll call can begin it.
local function canBegin(members, calls, now)
  local pauseMs = math.min(redis.call('ZCARD', members) * BETWEEN_CALLS_MS, MOST_BETWEEN_CALLS_MS)
  local agoMs = now - (tonumber(healed('HGET', calls, BEGUN_AT)) or 0)
  return agoMs >= pauseMs or agoMs < 0
end

-- At least how many others than a process have not answered a roll call; 0 if all have. Whoever was heard longest ago
-- is the likeliest not to have, and is looked at first.
local function countMissing(members, calls, number, id)
  if (tonumber(redis.call('HGET', calls, ANSWERED)) or 0) >= number then return 0 end
  local missing, looked, hasAnswered = 0, 0, false
  repeat
    local ids = redis.call('ZRANGE', members, looked, looked + LOOKED_AT_ONCE - 1)
    for nth, heard in ipairs(#ids > 0 and redis.call('HMGET', calls, unpack(ids)) or {}) do
      local isAnswer = (tonumber(heard) or 0) >= number
      if ids[nth] == id then hasAnswered = isAnswer end
      if ids[nth] ~= id and not isAnswer then missing = missing + 1 end
    end
    looked = looked + #ids
  until missing > 0 or #ids < LOOKED_AT_ONCE
  if missing == 0 and hasAnswered then redis.call('HSET', calls, ANSWERED, string.format('%.0f', number)) end
  return missing
end

-- Notes that a process has no pending evictions, and what it had heard of then. Takes its arguments as they come, as
-- texts. called: the number of its own roll call; 0 wants one; nothing if it calls none. Returns the time, the newest
-- roll call, its own, which may be the one behind that, and since when it has been wanted (0, 0 if it calls none), at
-- least how many have not answered it as far as the server can know, whether the sender was known (1 or 0), and how
-- many have expired.
local function heartbeat(members, calls, channel, id, heardText, calledText, begunAtText, expiredAfterText, lifetimeMs)
  local heard, called, begunAt, expiredAfterMs =
    tonumber(heardText), tonumber(calledText), tonumber(begunAtText), tonumber(expiredAfterText)
  local now = timeMs()
  local before = tonumber(healed('ZSCORE', members, id))
  local newest = newestCall(calls, now)
  local known = before and healed('HGET', calls, id) and 1 or 0
  redis.call('ZADD', members, now, id)
  if called == 0 or called and called > newest + 1 then called, begunAt = newest + 1, now end
  if called and called > newest and canBegin(members, calls, now) then
    newest = called
    redis.call('HSET', calls, BEGUN_AT, string.format('%.0f', now))
    redis.call('PUBLISH', channel, string.format('%.0f', newest))
  end
  -- What it heard before the count was lost is no answer.
  if heard > newest then heard = 0 end
  redis.call('HSET', calls, NEWEST, string.format('%.0f', newest), id, string.format('%.0f', heard))
  local expired = forgetExpired(members, calls, judgedSince(now, before, called, begunAt, expiredAfterMs))
  redis.call('PEXPIRE', members, lifetimeMs)
  redis.call('PEXPIRE', calls, lifetimeMs)
  if not called then return now, newest, 0, 0, 0, known, expired end
  local isOpen = called > newest or mayMissOthers(calls, now)
  local missing = isOpen and 1 or countMissing(members, calls, called, id)
  return now, newest, called, begunAt, missing, known, expired
end
