-- What the flat index and the paged one have in common: sorted sets of keys, all with score 0, so by their bytes.

-- Runs a command on a name of ours. What others wrote there with another type counts as lost, and goes.
local function healed(command, name, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply.err) end
  redis.call('DEL', name)
  return redis.call(command, name, ...)
end

-- No key and no tag contains a byte from 245 on: it is not UTF-8. Members that begin with one are none of keys.
local function endOf(start) return '(' .. start .. '\245' end

local function outlive(name, lifetimeMs)
  if redis.call('PTTL', name) < lifetimeMs then redis.call('PEXPIRE', name, lifetimeMs) end
end
