-- One process tells what became of its attempts and takes turns for the next
-- ones. Everything that is decided here is decided by this server's clock.
--
-- KEYS  1 the quota's state, 2 what each process wants
-- ARGV  1 process  2 number of this report  3 turns wanted  4 turns not used
--       5 rate to begin with if there is no state: 0 none, -1 unknown
--       6 rejections  7 their generation  8 age of the first in seconds
--       9 generation of the accepted attempts
--       10... pairs of age in seconds and number of attempts accepted
-- Reply 0 if nothing is limited, else: 1 open or 2 closed, generation, turns,
--       delay of the first, time between them, rate, pause before asking again,
--       time the quota has been closed, turns wanted by all

local HORIZON  = 0.1   -- turns are given out so long before they are due
local CATCH_UP = 0.1   -- a process may be so late without losing turns
local LATE     = 0.15  -- reports about an attempt arrive within this time
local REMEMBER = 60000 -- ms after which a state that held nobody back is forgotten
local GONE     = 1     -- a process silent for so long wants nothing any more
local PATIENCE = 1     -- for the outcome of a probe
local FEW      = 20    -- accepted attempts that make a measurement
local MARGIN   = 0.995 -- of the measured rate
local QUIET_MAX = 16   -- seconds for which a rate is kept before a higher one is tried
local ON_TRIAL = 2     -- seconds for which a rate is tried
local WINDOW   = 0.2   -- a quota that is closed for longer counts in windows
local LONG     = 5     -- and after so long a pause, tries should be rare

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6

local me, seq, want, unused = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local seed = tonumber(ARGV[5])
local rejected, rejected_gen, rejected_age = tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8])
local accepted_gen = ARGV[9]

local s, was = {}, {} -- the state, and as it was read
local busy = false

local function load()
  local flat = redis.call('HGETALL', KEYS[1])
  for i = 1, #flat, 2 do was[flat[i]] = tonumber(flat[i + 1]) end
  for k, v in pairs(was) do s[k] = v end
  return #flat > 0
end

local function save()
  local flat = {}
  for k, v in pairs(s) do
    if v ~= was[k] then
      flat[#flat + 1] = k
      flat[#flat + 1] = string.format('%.9f', v)
    end
  end
  if #flat > 0 then redis.call('HSET', KEYS[1], unpack(flat)) end
  if busy then redis.call('PEXPIRE', KEYS[1], REMEMBER) end
  redis.call('PEXPIRE', KEYS[2], REMEMBER)
end

-- A new generation makes rejections of earlier attempts old news.
local function generation() s.gen = math.max(s.gen + 1, math.floor(now * 1000)) end

local function close(sent)
  s.closed, s.probing, s.probe_at = sent, 0, now + 0.02
  generation()
end

local function create(sent)
  s = { gen = 0, rate = math.max(seed, 0), known = 0, settled = 0, safe = 0, banks = 0, fallen = 0, high = 0,
    epoch = sent, accepted = 0, idle = 0, hits = 0, pending = 0, pn = 0, pd = 0, pidle = 0, trial = 0,
    try_from = now, opened = now, next = now, closed = 0, probing = 0, probe_at = 0,
    windows = 0, sum = 0, swept = now, seen = now }
  generation()
  busy = true
end

-- The server's clock may be set back: keep all distances to now.
local function follow_clock()
  local back = s.seen - now
  if back > 0.01 then
    for _, k in ipairs({ 'epoch', 'pending', 'try_from', 'opened', 'next', 'closed', 'probing', 'probe_at', 'swept' }) do
      if s[k] ~= 0 then s[k] = s[k] - back end
    end
    redis.call('DEL', KEYS[2])
    s.sum = 0
  end
  s.seen = now
end

local function pace(at)
  if s.rate == 0 then return 10 * 2 ^ math.min((at - s.opened) / 0.2, 20) end
  local x = math.max(at - s.try_from, 0)
  if s.windows > 1 then return s.rate * (1 + 0.01 * x) end
  return s.rate + math.min(7 * math.sqrt(s.rate), s.rate) * math.min((x / 2) ^ 3, 1000)
end

-- settle compares the rate with the one before; the longer they agree, the
-- longer it is kept until a higher one is tried.
local function settle(n, confirmed)
  local change = math.abs(s.rate - s.known) / math.max(s.known, 1e-9)
  s.known = s.rate
  if change > 0.3 then s.settled = 0
  elseif change > 0.05 and n >= FEW then s.settled = 1
  elseif confirmed then s.settled = s.settled + 1 end
  local quiet = 0
  if s.settled > 0 then quiet = math.min(2 ^ (s.settled - 1), QUIET_MAX) end
  if quiet > 0 or s.rate < FEW then quiet = math.max(quiet, 50 * s.hits / s.rate) end
  if s.safe > 0 then quiet = math.max(quiet, ON_TRIAL) end
  s.high = math.max(s.high * math.exp(-s.pd / 120), s.rate)
  s.try_from = s.pending + quiet * math.max(s.rate / s.high, 0.25)
end

-- measure weighs the sample of the last epoch against the rate, as if the
-- latter rested on so many attempts. If turns were left over, the quota's rate
-- lies between two bounds.
local function measure(n, d, weight)
  local low, high = n / d, n / math.max(d - s.pidle, 1e-3)
  local sample = math.min(math.max(s.rate, low), high)
  return s.rate + (sample - s.rate) * n / (n + weight)
end

-- refuted takes the end of a trial: the rate that was tried was too high.
local function refuted(n, d)
  local r = math.min(math.max((n + FEW) / (d + FEW / s.safe), s.safe), s.rate)
  s.banks = r - s.safe < (s.rate - s.safe) / 4 and 4 or 0
  s.rate, s.safe = r * MARGIN, 0
  settle(n, true)
end

-- tried takes the end of an epoch in which higher rates were tried. The mean
-- rate of the epoch is that of a quota which banks what is not used. One that
-- does not may stand more, which only a trial of some seconds shows.
local function tried(n, d)
  local mean = measure(n, d, 2)
  s.safe = 0
  if s.trial > 1.02 * mean and s.banks == 0 and s.windows <= 1 then
    s.safe, s.rate = mean * MARGIN, s.trial * MARGIN
  else
    s.rate = mean * MARGIN
  end
  s.banks = math.max(s.banks - 1, 0)
  settle(n, true)
end

-- learn takes what was accepted from one exhaustion of the quota to the next.
local function learn()
  local n, d = s.pn, math.max(s.pd, 1e-3)
  if s.rate == 0 or s.known == 0 then
    s.rate = math.max(n / d, 1e-3) * MARGIN
    settle(n, false)
  elseif s.safe > 0 and s.trial == 0 then refuted(n, d)
  elseif s.trial > 0 then tried(n, d)
  else
    s.rate = math.min(measure(n, d, 50), s.rate) * MARGIN
    settle(n, false)
  end
  s.windows = math.max(s.windows - 0.5, 0)
  s.pending = 0
end

-- exhausted takes the first rejection of an attempt of this generation. What
-- the epoch was worth is known only when all have reported: see learn.
local function exhausted(sent)
  local d = math.max(sent - s.epoch, 0)
  local expected = s.rate * math.max(d - s.idle, 0)
  local few = math.max(3, math.min(FEW, s.rate / 4))
  if s.rate > 0 and s.accepted < expected / 2 and s.accepted + 4 <= expected then
    s.fallen = (s.accepted + 1) / (d + 1 / s.rate) -- the epoch goes on
    close(sent)
  elseif s.rate > 0 and s.pending == 0 and s.safe > 0 and s.accepted < few then
    s.rate, s.safe, s.banks = s.safe, 0, 4
    s.epoch, s.accepted, s.idle = sent, 0, 0
    s.try_from, s.next = now + 1, now + 0.05 + 2 / s.rate
    generation()
  elseif s.rate > 0 and (s.pending > 0 or s.accepted < few) then
    s.hits = s.hits + 1
    s.next = math.max(s.next, now) + 2 / s.rate
    generation()
  elseif s.rate == 0 and s.accepted < 3 then
    close(s.epoch)
  else
    s.trial = now > s.try_from and s.rate > 0 and pace(now - 0.5) or 0
    s.pn, s.pd, s.pidle = s.accepted, d, s.idle
    s.epoch, s.accepted, s.idle, s.hits, s.pending = sent, 0, 0, 1, now
    if s.rate == 0 then s.rate, s.known = math.max(s.pn, 1) / math.max(d, 1e-3), 0 end
    s.try_from = now + 1
    s.next = now + 0.05 + 2 / s.rate
    generation()
  end
end

local function reject()
  if rejected == 0 then return end
  busy = true
  local sent = now - rejected_age
  if tonumber(rejected_gen) ~= s.gen then
    s.hits = s.hits + rejected
  elseif s.closed > 0 then
    s.probing = 0
    s.probe_at = now + math.min(math.max((now - s.closed) / 2, 0.02), 2)
  else
    s.hits = s.hits + rejected - 1
    exhausted(sent)
  end
end

-- reopen ends a closed time. If it was long, the quota counts in windows, and
-- the one before it is a sample of its own if it was used. If it was short, the
-- quota gives much less than before.
local function reopen()
  local long = now - s.closed > math.max(WINDOW, s.rate > 0 and 3 / s.rate or 0)
  if now - s.closed > LONG then s.windows = math.min(s.windows + 1, 3) end
  if s.fallen > 0 and (not long or s.accepted >= FEW) then
    s.rate = long and s.fallen or math.max(s.fallen, s.rate / 2)
    s.known, s.settled, s.pending, s.safe = s.rate, 0, 0, 0
    if long then s.epoch, s.accepted, s.idle = s.closed, 0, 0 end
    s.try_from = now + 1
  end
  s.closed, s.fallen, s.opened, s.try_from = 0, 0, now, math.max(s.try_from, now)
end

local function accept()
  for i = 10, #ARGV, 2 do
    local n = tonumber(ARGV[i + 1])
    if now - tonumber(ARGV[i]) > s.epoch then
      s.accepted = s.accepted + n
    elseif s.pending > 0 then
      s.pn = s.pn + n
    end
  end
  if s.closed > 0 and tonumber(accepted_gen) == s.gen then
    reopen()
    s.next = s.rate > 0 and now + 1 / s.rate or now
  end
end

-- sweep drops processes that have fallen silent.
local function sweep()
  if now - s.swept < GONE / 2 then return end
  s.swept, s.sum = now, 0
  local flat = redis.call('HGETALL', KEYS[2])
  for i = 1, #flat, 2 do
    local w, _, t = string.match(flat[i + 1], '(%S+) (%S+) (%S+)')
    if math.abs(now - tonumber(t)) > GONE then redis.call('HDEL', KEYS[2], flat[i])
    else s.sum = s.sum + tonumber(w) end
  end
end

-- enter notes what this process wants and says whether its report is new: a
-- client that lost the reply may have sent it again.
local function enter()
  local old = redis.call('HGET', KEYS[2], me)
  local old_want, old_seq = 0, 0
  if old then
    old_want, old_seq = string.match(old, '(%S+) (%S+)')
    old_want, old_seq = tonumber(old_want), tonumber(old_seq)
  end
  s.sum = math.max(s.sum - old_want, 0) + want
  redis.call('HSET', KEYS[2], me, string.format('%d %d %.6f', want, math.max(seq, old_seq), now))
  sweep()
  return seq > old_seq
end

local function probe()
  if want == 0 then return 0, 0, 0, 0.05 end
  busy = true
  if s.probing > 0 and now - s.probing < PATIENCE then return 0, 0, 0, 0.02 end
  if now < s.probe_at then return 0, 0, 0, s.probe_at - now end
  s.probing = now
  return 1, 0, 0, 0.05
end

-- turns gives a process its share of the turns that are due within HORIZON.
local function turns()
  local p = pace(now)
  s.next = math.min(s.next, now + 2 + 3 / p)
  local lost = math.max(now - CATCH_UP - s.next, 0) + unused / p
  s.idle, s.try_from = s.idle + lost, s.try_from + lost
  if s.rate == 0 then s.opened = s.opened + lost end
  s.next = math.max(s.next, now - CATCH_UP)
  if want == 0 then return 0, 0, 0, 0 end
  local free = math.max(math.floor((now + HORIZON - s.next) * p + 1), 0)
  local n = math.min(want, free, math.max(1, math.ceil(free * want / math.max(s.sum, want))))
  local first = s.next - now
  s.next = s.next + n / p
  if n < want or first > 0.001 then busy = true end
  return n, first, 1 / p, math.max(s.next - HORIZON - now, 0)
end

if not load() then
  if rejected == 0 and seed == 0 then return { 0 } end
  create(now - rejected_age)
  if seed == 0 then close(now - rejected_age) end
  enter()
else
  follow_clock()
  if enter() then
    reject()
    accept()
  end
end
if s.pending > 0 and now - s.pending > LATE then learn() end

local n, first, gap, again
if s.closed > 0 then n, first, gap, again = probe() else n, first, gap, again = turns() end
save()
local function f(x) return string.format('%.6f', x) end
return { s.closed > 0 and 2 or 1, string.format('%d', s.gen), n, f(first), f(gap),
  f(s.closed > 0 and s.rate or pace(now)), f(again), f(s.closed > 0 and now - s.closed or 0), s.sum }
