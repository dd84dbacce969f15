-- Which server this is: its process, and the history of its data. The second changes when a server becomes a replica
-- and when a replica takes over, also while the process and its connections stay.
-- include: sorted-sets
-- include: server-time

-- By then all have connected again whom a server that is new to them has no trace of: they try twice a second.
local COME_BACK_MS = 2000
-- Until when they are waited for: in the hash of roll calls, under a name that is no process's.
local SETTLED_AT = '\255settled'

-- Empty where Redis has no INFO. Where it has one and refuses it, nothing can be said of the server.
local function infoOf(section, field)
  local info = redis.pcall('INFO', section)
  if type(info) == 'table' and not string.find(string.lower(info.err), 'unknown', 1, true) then error(info.err) end
  return type(info) == 'string' and string.match(info, field .. ':(%w+)') or ''
end

-- Empty where Redis does not say.
local function serverIdentity()
  local runId = infoOf('server', 'run_id')
  return runId == '' and '' or runId .. ':' .. infoOf('replication', 'master_replid')
end

-- Notes that a server may have forgotten who the processes are. hadAnother: whether they are known to have shared
-- another one before; else only one that has just started can have lost them.
local function awaitOthers(calls, hadAnother, lifetimeMs)
  -- Redis counts how often the second has changed: after a start, one may be no time.
  local upMs = math.max((tonumber(infoOf('server', 'uptime_in_seconds')) or 0) - 1, 0) * 1000
  local leftMs = COME_BACK_MS - (hadAnother and 0 or upMs)
  if leftMs <= 0 then return end
  healed('HSET', calls, SETTLED_AT, string.format('%.0f', timeMs() + leftMs))
  outlive(calls, tonumber(lifetimeMs))
end

-- Whether processes may come back of which the server knows nothing.
local function mayMissOthers(calls, now)
  local leftMs = (tonumber(healed('HGET', calls, SETTLED_AT)) or 0) - now
  -- More than that, and its clock was set back.
  return leftMs > 0 and leftMs <= COME_BACK_MS
end
