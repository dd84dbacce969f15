-- Says which commands Redis does not permit to the user of this connection.
--
-- Each is tried on a text that is about to expire: what it does there is undone, and what is for other types does
-- nothing.
--
-- KEYS: nothing
-- ARGV: the commands
-- Returns those that are refused.

local nothing = KEYS[1]
local MOST_ARGUMENTS = 4

local function errorOf(...)
  local reply = redis.pcall(...)
  return type(reply) == 'table' and reply.err or ''
end

-- The words of Redis 7.0 and before, and of 7.2 and later. They differ where keys or channels are refused.
local function isRefused(problem)
  return string.find(problem, 'run this command', 1, true) or string.find(problem, 'permissions to run', 1, true)
end

-- With as many arguments as it takes: Redis looks at their number first.
local function try(command)
  local arguments, problem = {}, ''
  for count = 0, MOST_ARGUMENTS do
    if count > 0 then arguments[count] = count == 1 and nothing or '0' end
    problem = errorOf(command, unpack(arguments))
    if not string.find(problem, 'rong number of arg', 1, true) then break end
  end
  return problem
end

local function renew() return errorOf('SET', nothing, '', 'PX', 1) end

local refused = {}
for _, command in ipairs(ARGV) do
  -- Without a text there, others would make what never expires.
  if isRefused(renew()) then return { 'SET' } end
  if isRefused(try(command)) then refused[#refused + 1] = command end
end
renew()
return refused
