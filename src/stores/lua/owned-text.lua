-- A text that is ours, and how many milliseconds it has to live. What is of another type or has no expiry is not ours,
-- and as good as missing. Any other error is one: where Redis does not permit GET, nothing may pass for missing.
--
-- Lua sees RESP2 replies whichever protocol the client speaks: false for nil, a table with err for an error that pcall
-- caught.
local function textAt(name)
  local text = redis.pcall('GET', name)
  if type(text) ~= 'string' then
    if type(text) == 'table' and not string.find(text.err, 'WRONGTYPE', 1, true) then error(text.err) end
    return false, 0
  end
  local remainingMs = redis.call('PTTL', name)
  if remainingMs < 1 then return false, 0 end
  return text, remainingMs
end
