-- Drops the index and the fences if another Redis process than this one wrote them.
--
-- A Redis that was restarted from its disk, or a replica that took over, may hold what was evicted since: an
-- acknowledged eviction need not have got there. So nothing counts that another process acknowledged.
--
-- KEYS: index, fences, server
-- ARGV: life of the server's name in ms
-- Returns 1, or 0 if Redis does not say which process it is.
-- include: owned-text

local index, fences, serverName = unpack(KEYS)
local lifetimeMs = ARGV[1]
local info = redis.pcall('INFO', 'server')
local runId = type(info) == 'string' and string.match(info, 'run_id:(%w+)')
if not runId then return 0 end
if textAt(serverName) ~= runId then redis.call('UNLINK', index, fences) end
redis.call('SET', serverName, runId, 'PX', lifetimeMs)
return 1
