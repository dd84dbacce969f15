-- Which server all this was written to: its process, and the history of its data. The second changes when a server
-- becomes a replica and when a replica takes over, also while the process and its connections stay.
-- include: takes-writes
-- include: owned-text

-- Empty where Redis has no INFO. Where it has one and refuses it, nothing can be said of the server.
local function infoOf(section, field)
  local info = redis.pcall('INFO', section)
  if type(info) == 'table' and not string.find(string.lower(info.err), 'unknown', 1, true) then error(info.err) end
  return type(info) == 'string' and string.match(info, field .. ':(%w+)') or ''
end

-- Drops what was written to another server than this one. Returns whether it did.
-- Does so where Redis is out of memory too, and lets scripts write little more behind it.
local function dropForeign(serverName, bookkeeping, lifetimeMs)
  requireWrites(serverName)
  local runId = infoOf('server', 'run_id')
  -- Redis does not say which server it is.
  if runId == '' then return false end
  local identity = runId .. ':' .. infoOf('replication', 'master_replid')
  local isForeign = textAt(serverName) ~= identity
  if not isForeign then
    redis.call('PEXPIRE', serverName, lifetimeMs)
    return false
  end
  -- In this order, a Redis that is out of memory refuses neither: whoever connects then can evict.
  redis.call('UNLINK', unpack(bookkeeping))
  redis.call('SET', serverName, identity, 'PX', lifetimeMs)
  return true
end
