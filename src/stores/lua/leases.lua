-- A lease is a text: its holder's token, behind it, in a single Redis, `@` and the moment at which it was given (see
-- tag-marks.lua), and behind that the marks below. The end of a lease is a message to each process that waits for it:
-- the token, and behind it how the lease ended (redis/lease-messages.ts reads it).

-- Marks of a lease: its holder has not listed its key yet (in a cluster, where that takes a step of its own); and, on
-- both sides of a process, that readers there wait for its end.
local PENDING, AWAITED = '?', '!'
-- How a lease ended: ENDED lets readers who wait look the key up again. A store may give UNSHAREABLE instead, which
-- lets them load for themselves (lease-messages.ts has its byte). It is the same byte as AWAITED, but stands in
-- messages only, where no mark does.
local ENDED = ''

local function hasMark(text, mark) return text and string.find(text, mark, 1, true) ~= nil end

local function tokenOf(text) return text and string.match(text, '^[^?!@]*') end

local function holderOf(leaseName) return (tokenOf(textAt(leaseName))) end

local function momentOf(text) return text and string.match(text, '@([^?!]*)') end

-- Notes that readers of a process wait. token: one of that process, which tokens begin with (redis-connection.ts).
local function markAwaited(leaseName, token)
  local mark = AWAITED .. string.match(token, '^(.*)%.') .. AWAITED
  if not hasMark(redis.call('GET', leaseName), mark) then redis.call('APPEND', leaseName, mark) end
end

-- Publishes the end of a lease whose text was read before, to those who wait for it and to nobody else.
-- channel: what the channels of all processes begin with.
local function publishEnd(text, channel, howItEnded)
  for process in string.gmatch(text or '', AWAITED .. '([^!]+)' .. AWAITED) do
    redis.pcall('PUBLISH', channel .. ':' .. process, tokenOf(text) .. howItEnded)
  end
end

-- text: of the lease, where there is one.
local function endLease(leaseName, text, channel, howItEnded)
  publishEnd(text, channel, howItEnded)
  redis.call('DEL', leaseName)
end
