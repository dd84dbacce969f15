-- Notes that a process has no pending evictions, and forgets the processes that have not said so for too long. If this
-- process was itself out of touch, it cannot know what a forgotten one had pending: the index and the fences go.
--
-- KEYS: members, index, fences
-- ARGV: id of the process, ms after which a silent one is forgotten, life of the members in ms, whether this process
--   was in touch (1 or 0), channel of evictions, invalidation message of all keys
-- Returns the time in ms, and when the process that has been silent longest last said so.
-- include: membership

local members, index, fences = unpack(KEYS)
local id, expiredAfterMs, lifetimeMs, wasInTouch, evictionChannel, invalidation = unpack(ARGV)
local now, oldest, expired = heartbeat(members, id, tonumber(expiredAfterMs), lifetimeMs)
if expired > 0 and wasInTouch == '0' then
  redis.call('UNLINK', index, fences)
  redis.call('PUBLISH', evictionChannel, invalidation)
end
return { now, oldest }
