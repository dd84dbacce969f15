-- A text that is ours, and how many milliseconds it has to live. What is of another type or has no expiry is not ours,
-- and as good as missing.
--
-- Lua sees RESP2 replies whichever protocol the client speaks: false for nil, a table with err for an error that pcall
-- caught.
local function textAt(name)
  local text = redis.pcall('GET', name)
  local remainingMs = type(text) == 'string' and redis.call('PTTL', name) or 0
  if remainingMs < 1 then return false, 0 end
  return text, remainingMs
end
