-- What was written to another server does not count.
-- include: takes-writes
-- include: owned-text
-- include: server-identity

-- Drops what was written to another server than this one, roll calls too. Returns whether it did.
-- Does so where Redis is out of memory too, and lets scripts write little more behind it.
local function dropForeign(serverName, bookkeeping, calls, lifetimeMs)
  requireWrites(serverName)
  local identity = serverIdentity()
  if identity == '' then return false end
  local before = textAt(serverName)
  if before == identity then
    redis.call('PEXPIRE', serverName, lifetimeMs)
    return false
  end
  -- In this order, a Redis that is out of memory refuses none of it: whoever connects then can evict.
  redis.call('UNLINK', calls, unpack(bookkeeping))
  redis.call('SET', serverName, identity, 'PX', lifetimeMs)
  awaitOthers(calls, before, lifetimeMs)
  return true
end
