-- Takes the lease of a key, if what lies there allows it. The lease is pending until its key is listed (confirm.lua).
--
-- KEYS: value, lease
-- ARGV: token, lease in ms, grace in ms, mode, channel of lease ends
--
-- What becomes of what lies there, by mode:
--
--   mode       | used when                     | a value    | another's pending lease | another's confirmed lease
--   look-up    | it is not known what is there | is used    | keeps the key busy      | keeps the key busy
--   start-over | the key is not listed         | is removed | keeps the key busy      | ends
--   overwrite  | a newer value is written      | is removed | ends                    | ends
--
-- Returns `value`, a fresh value and its life in ms; `busy`, the holder, 1 if its lease is pending, a value and its
-- life; `lease`, the token, a stale value and its life; or, in any mode, `foreign` and the type of what is there and
-- not the cache's.
-- include: foreign-types
-- include: owned-text
-- include: leases

local valueName, leaseName = unpack(KEYS)
local token, leaseMs, graceMs, mode, leaseChannel = unpack(ARGV)
local value, remainingMs = textAt(valueName)
local foreign = not value and foreignTypeAt(valueName)
if foreign then return { 'foreign', foreign } end

local text = textAt(leaseName)
local holder = tokenOf(text)
local isHeld = holder and holder ~= token
local isPending = hasMark(text, PENDING)

if mode == 'look-up' and value and remainingMs > tonumber(graceMs) then return { 'value', value, remainingMs } end
if isHeld and (mode == 'look-up' or (mode == 'start-over' and isPending)) then
  markAwaited(leaseName, token)
  return { 'busy', holder, isPending and 1 or 0, value, remainingMs }
end
if mode ~= 'look-up' then
  redis.call('DEL', valueName)
  value, remainingMs = false, 0
  if isHeld then publishEnd(text, leaseChannel, ENDED) end
end
redis.call('SET', leaseName, token .. PENDING, 'PX', leaseMs)
return { 'lease', token, value, remainingMs }
