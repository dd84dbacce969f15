-- Drops the index, the fences and the roll calls if another server than this one wrote them.
--
-- A Redis that was restarted from its disk, or a replica that took over, may hold what was evicted since: an
-- acknowledged eviction need not have got there. So nothing counts that another server acknowledged.
--
-- KEYS: index, fences, calls, server
-- ARGV: life of the server's name in ms
-- Returns nothing.
-- include: foreign-server

local index, fences, calls, serverName = unpack(KEYS)
dropForeign(serverName, { index, fences }, calls, ARGV[1])
