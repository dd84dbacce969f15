-- Notes that a process has no pending evictions, and forgets the processes that have expired.
--
-- KEYS: members, calls, watch
-- ARGV: channel of roll calls, id of the process, the newest roll call that it had heard of, the number of its own
--   (0: it begins one; empty: it calls none), when that began, ms after which a silent process expires, life of the
--   members in ms
-- Returns the time in ms, the newest roll call, the number of its own and when that began (0, 0: it calls none), how
-- many processes have not answered it, whether the sender was known (1 or 0), whether somebody looks (1 or 0), and how
-- many processes have expired.
-- include: takes-writes
-- include: membership
-- include: watched

-- Of the server that knows the processes, in the hash of roll calls, under a name that is no process's.
local SERVER = '\255server'

local function noteServer(calls, lifetimeMs)
  local identity = serverIdentity()
  if identity == '' then return end
  local before = healed('HGET', calls, SERVER)
  if before == identity then return end
  redis.call('HSET', calls, SERVER, identity)
  awaitOthers(calls, before, lifetimeMs)
end

local members, calls, watch = unpack(KEYS)
local callChannel, id, heard, called, begunAt, expiredAfterMs, lifetimeMs = unpack(ARGV)

-- Also where Redis is out of memory the others hear of this process.
requireWrites(members)
-- Whoever calls no roll believes what it finds already.
if called ~= '' then noteServer(calls, lifetimeMs) end
local now, newest, own, ownBegunAt, missing, known, expired =
  heartbeat(members, calls, callChannel, id, heard, called, begunAt, expiredAfterMs, lifetimeMs)
return { now, newest, own, ownBegunAt, missing, known, watched(watch), expired }
