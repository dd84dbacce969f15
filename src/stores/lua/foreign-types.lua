-- What is of another type than a text is not the cache's, whatever its name: it is left alone.

-- The type of what lies under a name, if it is of another than a text.
local function foreignTypeAt(name)
  local reply = redis.call('TYPE', name)
  local found = type(reply) == 'table' and reply.ok
  return found and found ~= 'string' and found ~= 'none' and found or nil
end
