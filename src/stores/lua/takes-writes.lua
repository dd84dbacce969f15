-- Redis checks where a script writes whether it takes writes. So one without effect, of a name that never exists, lets
-- it refuse what the script would give wherever it would refuse an eviction: nobody may serve what nobody could evict.
-- It is not refused for want of memory, as evictions are not. And Redis looks at its memory only where a script writes
-- for the first time, so nothing is that comes behind it: what is written then has to be little.
local function requireWrites(name) redis.call('DEL', name .. '#nothing') end
