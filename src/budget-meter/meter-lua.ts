import type { Windows } from './meter-facts.ts';

/**
 * What the meter's Lua scripts share. Each script is one atomic step on Redis' own clock.
 *
 * `KEYS[1]` is the prefix of every key (with its closing colon), `ARGV[1]` a JSON object. Money is whole nano-dollars:
 * sums of binary fractions would drift. Below the prefix:
 *
 * - `money`    as `ready` the id of the server's life in which the rest was loaded, and the form of the books; another life
 *              (restart, flush) or another form means "rebuild first". It stands beside the sums, so that nobody takes books for
 *              empty that were deleted or evicted. And figures by holder (`p:<provider>`, `j:<project>`, `all`): `spent:<holder>`, of that only `possible:<holder>`,
 *              `reserved:<holder>` in how many `open:<holder>` reservations; of a provider also `over:<holder>` (by how much
 *              its calls were underestimated lately, since `overat:<holder>`) and `tokens:<holder>` of its minute
 * - `held`     open and expired reservations, `expiry` when they end, `done` ids settled in the last hour
 * - `reaped`   the newest of those that expired, until somebody is told
 * - `hour`, `day`  spending of the factory in buckets
 * - `q:<p>`, `t:<p>`, `d:<p>`  a provider's requests of the minute, their tokens, its requests of the day in buckets
 * - `w:<p>`    who waits for a provider's rate, and when it is its turn
 * - `h:<p>`    a provider's health
 *
 * While a script runs, all workers wait. The names of keys are made inside the scripts, so a Redis Cluster needs a prefix
 * with a hash tag.
 */
const basics = ({ minute, hour, day }: Windows) => `
local MINUTE, HOUR, DAY = ${minute}, ${hour}, ${day}
local call = redis.call
local P = KEYS[1]
local A = cjson.decode(ARGV[1])
local TIME = call('TIME')
local NOW = TIME[1] * 1000 + math.floor(TIME[2] / 1000)
-- What is later than that was put down before the clock was set back: how long it was to last is not known any more.
local SKEW = 60000
local function num(v) return tonumber(v or 0) or 0 end
-- A primary takes a new id of replication whenever it starts; saying it costs a third of what the id of its run does.
local function life() return string.match(call('INFO', 'replication'), 'master_replid:(%x+)') .. ' 3' end
local function ready() return call('HGET', P .. 'money', 'ready') == life() end
`;

/** Figures are integers of 64 bits in Redis; Lua reads them exactly up to nine million dollars, and to a nano-dollar or two beyond. */
const FIGURES = `
local M = P .. 'money'
local function get(figure, holder) return num(call('HGET', M, figure .. ':' .. holder)) end
local function add(figure, holder, n)
  if n ~= 0 then call('HINCRBY', M, figure .. ':' .. holder, n) end
end

-- An account's figures: of its provider, its project and the factory.
local function book(p, j, open, reserved, spent, possible)
  for _, holder in ipairs({ 'p:' .. p, 'j:' .. j }) do
    add('open', holder, open)
    add('reserved', holder, reserved)
    add('spent', holder, spent)
    add('possible', holder, possible)
  end
  add('open', 'all', open)
  add('reserved', 'all', reserved)
end

-- By how much calls of a provider turned out dearer than the worst case that was reserved for them, for an hour since one did;
-- and for how many milliseconds more.
local function over(p)
  local figures = call('HMGET', M, 'over:p:' .. p, 'overat:p:' .. p)
  local at = num(figures[2])
  if at + HOUR <= NOW or at > NOW + SKEW then return 0, 0 end
  return num(figures[1]), at + HOUR - NOW
end

-- What a holder has spent and reserved; every open call may turn out by extra dearer than was reserved for it.
local function account(holder, extra)
  local figures = call('HMGET', M, 'spent:' .. holder, 'reserved:' .. holder, 'open:' .. holder)
  return num(figures[1]), num(figures[2]) + num(figures[3]) * extra
end
`;

/**
 * A window is a hash: what fell into each bucket, by its number; which bucket was now at the last look (`at`), and the
 * total of those `before` it. A bucket counts until its last moment has left the window: never too little, briefly too
 * much.
 */
const WINDOWS = `
-- At the first look of each bucket's time, those that have left are forgotten; those of the future (the clock was set
-- back) count from now.
local function window(key, span, parts)
  local width = span / parts
  local here, keep = math.floor(NOW / width), math.floor((NOW - span) / width)
  local seen = call('HMGET', key, 'at', 'before', here)
  local before, now = num(seen[2]), num(seen[3])
  if num(seen[1]) ~= here then
    before, now = 0, 0
    local all = call('HGETALL', key)
    -- The names at and before read as bucket 0: they go too, and are written again.
    for i = 1, #all, 2 do
      local bucket, n = num(all[i]), num(all[i + 1])
      if bucket < keep or bucket > here then call('HDEL', key, all[i]) end
      if bucket >= here then now = now + n elseif bucket >= keep then before = before + n end
    end
    call('HSET', key, 'at', here, 'before', before, here, now)
  end
  return { key = key, span = span, width = width, here = here, keep = keep, total = before + now }
end

-- Adds n at the moment at (now when missing) unless that has left the window. Answers the total.
local function bump(w, n, at)
  local bucket = at and math.min(w.here, math.floor(at / w.width)) or w.here
  if n ~= 0 and bucket >= w.keep then
    call('HINCRBY', w.key, bucket, n)
    if bucket < w.here then call('HINCRBY', w.key, 'before', n) end
    w.total = w.total + n
  end
  return w.total
end

-- Milliseconds until at least n of a window's total has left it.
local function leaves(w, n)
  local all, buckets, freed = call('HGETALL', w.key), {}, 0
  for i = 1, #all, 2 do
    local bucket = tonumber(all[i])
    if bucket then buckets[#buckets + 1] = { bucket, num(all[i + 1]) } end
  end
  table.sort(buckets, function(x, y) return x[1] < y[1] end)
  for _, bucket in ipairs(buckets) do
    freed = freed + bucket[2]
    if freed >= n then return math.ceil((bucket[1] + 1) * w.width + w.span - NOW) end
  end
  return w.span
end

local function hour() return window(P .. 'hour', HOUR, 60) end
local function day() return window(P .. 'day', DAY, 1440) end
local function today(p) return window(P .. 'd:' .. p, DAY, 1440) end
local function spend(n, at) return bump(hour(), n, at), bump(day(), n, at) end
`;

const HELD = `
local function held(id)
  local text = call('HGET', P .. 'held', id)
  return text and cjson.decode(text)
end
`;

/** Making and ending reservations. */
const HOLDS = `
local function hold(id, h) call('HSET', P .. 'held', id, cjson.encode(h)) end

-- The holder of an expired reservation is dead: what it may have spent counts as spent until somebody knows better.
local function reap()
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'expiry', '-inf', NOW, 'LIMIT', 0, 100)) do
    call('ZREM', P .. 'expiry', id)
    local h = held(id)
    if h then
      local n = h.n + over(h.p)
      book(h.p, h.j, -1, -h.n, n, n)
      spend(n)
      h.n = n
      h.e = NOW
      hold(id, h)
      call('LPUSH', P .. 'reaped', cjson.encode({ id = id, p = h.p, j = h.j, n = n }))
      call('LTRIM', P .. 'reaped', 0, 999)
    end
  end
end

-- Requests and tokens of a provider within the last minute. Requests of the future (the clock was set back) are of now.
local function minute(p)
  local q, t = P .. 'q:' .. p, P .. 't:' .. p
  for _, id in ipairs(call('ZRANGEBYSCORE', q, '(' .. NOW, '+inf')) do call('ZADD', q, NOW, id) end
  local gone = call('ZRANGEBYSCORE', q, '-inf', NOW - MINUTE, 'LIMIT', 0, 1000)
  while #gone > 0 do
    local tokens = 0
    for _, k in ipairs(call('HMGET', t, unpack(gone))) do tokens = tokens + num(k) end
    add('tokens', 'p:' .. p, -tokens)
    call('HDEL', t, unpack(gone))
    call('ZREM', q, unpack(gone))
    gone = call('ZRANGEBYSCORE', q, '-inf', NOW - MINUTE, 'LIMIT', 0, 1000)
  end
  return call('ZCARD', q), get('tokens', 'p:' .. p)
end

-- Counts a request in its provider's minute.
local function recent(p, id, tokens, at)
  if at <= NOW - MINUTE then return end
  call('ZADD', P .. 'q:' .. p, at, id)
  if tokens > 0 then
    call('HSET', P .. 't:' .. p, id, tokens)
    add('tokens', 'p:' .. p, tokens)
  end
end
`;

const HEALTH = `
local function health(p)
  local h = call('HMGET', P .. 'h:' .. p, 'fails', 'ok', 'fail', 'until', 'out', 'back', 'rates', 'probe')
  if num(h[3]) > NOW + SKEW then h[4] = false end
  return h
end
-- It answers: a failure of the future is one of before.
local function past(key)
  if num(call('HGET', key, 'fail')) > NOW then call('HSET', key, 'fail', NOW - 1) end
end
-- A probe is small: how often real calls were limited in a row it does not say.
local function probed(p)
  local key = P .. 'h:' .. p
  past(key)
  call('HDEL', key, 'until', 'out', 'back')
  call('HSET', key, 'probe', NOW)
  if num(call('HGET', key, 'fails')) == 0 then call('HSET', key, 'ok', NOW) end
end
local function well(p)
  local key = P .. 'h:' .. p
  past(key)
  call('HDEL', key, 'until', 'out', 'back', 'rates')
  call('HSET', key, 'fails', '0', 'ok', NOW)
end
`;

/** In every script but those of the rebuild: nothing is answered from books that are not loaded. */
export const GUARD = `
if not ready() then return 'rebuild' end
`;

/** The common parts, for windows of these spans. */
export const luaParts = (windows: Windows) => ({
  basics: basics(windows),
  books: FIGURES + WINDOWS + HELD,
  holds: HOLDS,
  health: HEALTH,
});
