/**
 * What the meter's Lua scripts share. Each script is one atomic step on Redis' own clock.
 *
 * `KEYS[1]` is the prefix of every key (with its closing colon), `ARGV[1]` a JSON object. Money is whole nano-dollars:
 * sums of binary fractions would drift. Below the prefix:
 *
 * - `ready`    id of the server's life in which the rest was loaded; another life (restart, flush) means "rebuild first"
 * - `money`    sums per holder (`p:<provider>:`, `j:<project>:`, `f:` for all): `s`pent, `r`eserved, `c`ount of open
 *              reservations, `p`ossible; and `p:<provider>:o`, by how much its calls were underestimated lately
 * - `held`     open and expired reservations, `expiry` when they end, `done` ids settled in the last hour
 * - `hour`, `day`  spending of the factory in buckets
 * - `q:<p>`, `t:<p>`, `d:<p>`  a provider's requests of the minute, their tokens, its requests of the day in buckets
 * - `w:<p>`    who waits for a provider's rate, and when it is its turn
 * - `h:<p>`    a provider's health
 *
 * The names of keys are made inside the scripts, so a Redis Cluster needs a prefix with a hash tag.
 */
const BASICS = `
local call = redis.call
local P = KEYS[1]
local A = cjson.decode(ARGV[1])
local TIME = call('TIME')
local NOW = TIME[1] * 1000 + math.floor(TIME[2] / 1000)
local function num(v) return tonumber(v or 0) or 0 end
local function int(n) return string.format('%.0f', n) end
local function life() return string.match(call('INFO', 'server'), 'run_id:(%x+)') end
local function ready() return call('GET', P .. 'ready') == life() end
`;

/** Sums and windows. A bucket counts until its last moment has left the window: never too little, briefly too much. */
const BOOKS = `
local M = P .. 'money'
local function add(field, n)
  if n ~= 0 then call('HINCRBY', M, field, int(n)) end
end
local function sum(field) return num(call('HGET', M, field)) end

-- Forgets buckets that have left; buckets of the future (the clock was set back) count from now.
local function slide(key, span, parts)
  local width = span / parts
  local here = math.floor(NOW / width)
  local keep = math.floor((NOW - span) / width)
  local head = call('HMGET', key, 'first', 'last', 'sum')
  local first, last, total = tonumber(head[1] or nil), tonumber(head[2] or nil), num(head[3])
  if not first or (first >= keep and last <= here) then return total, here, keep, first, last end
  local all = call('HGETALL', key)
  total, first, last = 0, nil, nil
  for i = 1, #all, 2 do
    local b, n = tonumber(all[i]), num(all[i + 1])
    if b then
      if b < keep or b > here then call('HDEL', key, all[i]) end
      if b > here then
        call('HINCRBY', key, int(here), int(n))
        b = here
      end
      if b >= keep then
        total = total + n
        first = math.min(first or b, b)
        last = math.max(last or b, b)
      end
    end
  end
  if first then
    call('HSET', key, 'first', int(first), 'last', int(last), 'sum', int(total))
  else
    call('DEL', key)
  end
  return total, here, keep, first, last
end

-- Adds n at the moment at (now when missing) unless that has left the window. Answers the sum.
local function bump(key, span, parts, n, at)
  local total, here, keep, first, last = slide(key, span, parts)
  if n == 0 then return total end
  local b = math.min(here, math.floor((at or NOW) / (span / parts)))
  if b < keep then return total end
  call('HINCRBY', key, int(b), int(n))
  call('HINCRBY', key, 'sum', int(n))
  if not first or first > b then call('HSET', key, 'first', int(b)) end
  if not last or last < b then call('HSET', key, 'last', int(b)) end
  return total + n
end

-- Milliseconds until at least n of a window's sum has left it.
local function leaves(key, span, parts, n)
  local all = call('HGETALL', key)
  local buckets = {}
  for i = 1, #all, 2 do
    local b = tonumber(all[i])
    if b then buckets[#buckets + 1] = { b, num(all[i + 1]) } end
  end
  table.sort(buckets, function(x, y) return x[1] < y[1] end)
  local freed = 0
  for _, bucket in ipairs(buckets) do
    freed = freed + bucket[2]
    if freed >= n then return math.ceil((bucket[1] + 1) * span / parts + span - NOW) end
  end
  return span
end

local function spend(n, at)
  return bump(P .. 'hour', A.hour, 60, n, at), (bump(P .. 'day', A.day, 1440, n, at))
end

-- Books on provider and project: open reservations and their sum, what is spent, and the possible part of that.
local function book(p, j, count, reserved, spent, possible)
  for _, holder in ipairs({ 'p:' .. p .. ':', 'j:' .. j .. ':', 'f:' }) do
    add(holder .. 'c', count)
    add(holder .. 'r', reserved)
    if holder ~= 'f:' then
      add(holder .. 's', spent)
      add(holder .. 'p', possible)
    end
  end
end

-- By how much calls of a provider turned out dearer than the worst case that was reserved for them.
local function over(p) return sum('p:' .. p .. ':o') end

-- Spent and reserved of a holder; every open call may turn out by extra dearer than was reserved for it.
local function account(holder, extra)
  local sums = call('HMGET', M, holder .. 's', holder .. 'r', holder .. 'c')
  return num(sums[1]), num(sums[2]) + num(sums[3]) * extra
end
`;

/** Reservations and the minute of a provider. */
const HOLDS = `
local function held(id)
  local text = call('HGET', P .. 'held', id)
  return text and cjson.decode(text)
end
local function hold(id, h) call('HSET', P .. 'held', id, cjson.encode(h)) end

-- The holder of an expired reservation is dead: what it may have spent counts as spent until somebody knows better.
local function reap()
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'expiry', '-inf', int(NOW), 'LIMIT', 0, 100)) do
    call('ZREM', P .. 'expiry', id)
    local h = held(id)
    if h then
      local n = h.n + over(h.p)
      book(h.p, h.j, -1, -h.n, n, n)
      spend(n)
      h.n = n
      h.e = NOW
      hold(id, h)
    end
  end
end

-- Requests and tokens of a provider within the last minute.
local function minute(p)
  local q, t = P .. 'q:' .. p, P .. 't:' .. p
  for _, id in ipairs(call('ZRANGEBYSCORE', q, '(' .. int(NOW), '+inf')) do call('ZADD', q, int(NOW), id) end
  for _, id in ipairs(call('ZRANGEBYSCORE', q, '-inf', int(NOW - A.minute))) do
    call('ZREM', q, id)
    local k = num(call('HGET', t, id))
    call('HDEL', t, id)
    if k ~= 0 then call('HINCRBY', t, '+', int(-k)) end
  end
  return num(call('ZCARD', q)), num(call('HGET', t, '+'))
end

-- Counts a request in its provider's minute.
local function recent(p, id, tokens, at)
  if at <= NOW - A.minute then return end
  call('ZADD', P .. 'q:' .. p, int(at), id)
  if tokens > 0 then
    call('HSET', P .. 't:' .. p, id, int(tokens))
    call('HINCRBY', P .. 't:' .. p, '+', int(tokens))
  end
end

local function retoken(p, id, tokens)
  local t = P .. 't:' .. p
  local old = call('HGET', t, id)
  if old then
    call('HSET', t, id, int(tokens))
    call('HINCRBY', t, '+', int(tokens - num(old)))
  elseif tokens > 0 and call('ZSCORE', P .. 'q:' .. p, id) then
    call('HSET', t, id, int(tokens))
    call('HINCRBY', t, '+', int(tokens))
  end
end

local function health(p)
  return call('HMGET', P .. 'h:' .. p, 'fails', 'ok', 'fail', 'until', 'out', 'back', 'rates')
end
local function well(p)
  local key = P .. 'h:' .. p
  call('HDEL', key, 'until', 'out', 'back', 'rates')
  call('HSET', key, 'fails', '0', 'ok', int(NOW))
end
`;

/** For every script but those of the rebuild: nothing is answered from books that are not loaded. */
const GUARD = `
if not ready() then return 'rebuild' end
`;

export const LUA = {
  /** Before a script that reads or writes the books. */
  guarded: BASICS + GUARD + BOOKS + HOLDS,
  /** Before a script of the rebuild. */
  unguarded: BASICS + BOOKS + HOLDS,
} as const;
