-- The generic cell rate algorithm (ITU-T I.371) on the server's own clock: one number for each key, the time at which
-- all that was taken will have grown back.
-- KEYS[1]: the key. ARGV: microseconds in which one call grows back, calls at once, calls wanted.
-- Answers with the calls granted, and if there are none with the microseconds until there is one.
local interval, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1])) or now, now)
local free = math.floor((now + burst * interval - full) / interval)
if free < 1 then
    return {0, math.ceil(full + interval - burst * interval - now)}
end
local granted = math.min(wanted, free)
full = full + granted * interval
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
return {granted, 0}
