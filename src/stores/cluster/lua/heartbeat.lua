-- Notes that a process has no pending evictions, and forgets the processes that have not said so for too long.
--
-- KEYS: members
-- ARGV: id of the process, ms after which a silent one is forgotten, life of the members in ms
-- Returns the time in ms, when the process that has been silent longest last said so, and how many were forgotten.
-- include: membership

local members = KEYS[1]
local id, expiredAfterMs, lifetimeMs = unpack(ARGV)
return { heartbeat(members, id, tonumber(expiredAfterMs), lifetimeMs) }
