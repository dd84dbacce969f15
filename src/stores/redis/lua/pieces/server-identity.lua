-- Which server all this was written to: its process, and the history of its data. The second changes when a server
-- becomes a replica and when a replica takes over, also while the process and its connections stay.
-- include: owned-text

local function infoOf(section, field)
  local info = redis.pcall('INFO', section)
  return type(info) == 'string' and string.match(info, field .. ':(%w+)') or ''
end

-- Drops what was written to another server than this one. Returns whether it did.
local function dropForeign(serverName, bookkeeping, lifetimeMs)
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
