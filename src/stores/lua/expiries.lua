-- When an entry expires.
-- include: server-time

local TRIES = 5

-- When what lies under a name expires, in ms; nil if nothing lies there. Before Redis 7, time goes on within a script.
local function expiryOf(name)
  local now, remainingMs = timeMs(), 0
  for _ = 1, TRIES do
    local before = now
    remainingMs, now = redis.call('PTTL', name), timeMs()
    if remainingMs < 1 then return nil end
    if now == before then break end
  end
  return string.format('%.0f', now + remainingMs)
end
