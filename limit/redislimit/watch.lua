-- One process tells which quotas it knows to be limited, and learns of all.
-- KEYS 1 the set of them, by the time of the last such message.  ARGV IDs

local FRESH = 15 -- seconds without a message after which a quota is left out

local now = tonumber(redis.call('TIME')[1])
if #ARGV > 0 then
  for _, id in ipairs(ARGV) do redis.call('ZADD', KEYS[1], now, id) end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - FRESH)
  redis.call('EXPIRE', KEYS[1], 2 * FRESH)
end
return redis.call('ZRANGEBYSCORE', KEYS[1], now - FRESH, '+inf')
