-- Notes that a process has no pending evictions, and forgets the processes that have expired. Nobody can say what those
-- had pending, so the index and the fences go with them; and also if this is another server than the last time.
--
-- KEYS: members, index, fences, calls, server, watch
-- ARGV: channel of roll calls, id of the process, the newest roll call that it had heard of, the number of its own
--   (0: it begins one; empty: it calls none), when that began, ms after which a silent process expires, life of the
--   members in ms, life of the server's name in ms, channel of evictions, invalidation message of all keys
-- Returns the time in ms, the newest roll call, the number of its own and when that began (0, 0: it calls none), how
-- many processes have not answered it, whether the sender was known (1 or 0), and whether somebody looks (1 or 0).
-- include: foreign-server
-- include: membership
-- include: watched

local members, index, fences, calls, serverName, watch = unpack(KEYS)
local callChannel, id, heard, called, begunAt, expiredAfterMs, lifetimeMs, serverMs, evictionChannel, invalidation =
  unpack(ARGV)

local isForeign = dropForeign(serverName, { index, fences }, calls, serverMs)
local now, newest, own, ownBegunAt, missing, known, expired =
  heartbeat(members, calls, callChannel, id, heard, called, begunAt, expiredAfterMs, lifetimeMs)
if expired > 0 then redis.call('UNLINK', index, fences) end
if isForeign or expired > 0 then redis.call('PUBLISH', evictionChannel, invalidation) end
return { now, newest, own, ownBegunAt, missing, known, watched(watch) }
