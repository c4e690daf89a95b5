import type { Windows } from './meter-facts.ts';

/**
 * What the meter's Lua scripts share. Each script is one atomic step on Redis' own clock.
 *
 * `KEYS[1]` is the prefix of every key (with its closing colon), `ARGV[1]` a JSON object. Money is whole nano-dollars:
 * sums of binary fractions would drift. Below the prefix:
 *
 * - `ready`    id of the server's life in which the rest was loaded, and the form of the books; another life (restart,
 *              flush) or another form means "rebuild first"
 * - `money`    one book per holder (`p:<provider>`, `j:<project>`, `f` for all), see `BOOKS`
 * - `reaped`   the newest of those that expired, until somebody is told
 * - `held`     open and expired reservations, `expiry` when they end, `done` ids settled in the last hour
 * - `hour`, `day`  spending of the factory in buckets
 * - `q:<p>`, `t:<p>`, `d:<p>`  a provider's requests of the minute, their tokens, its requests of the day in buckets
 * - `w:<p>`    who waits for a provider's rate, and when it is its turn
 * - `h:<p>`    a provider's health
 *
 * While a script runs, all workers wait: what nearly every call needs is packed into few fields, read and written at once. The names of keys are made inside the scripts, so a Redis Cluster needs a prefix with a hash tag.
 */
const basics = ({ minute, hour, day }: Windows) => `
local MINUTE, HOUR, DAY = ${minute}, ${hour}, ${day}
local call = redis.call
local P = KEYS[1]
local A = cjson.decode(ARGV[1])
local TIME = call('TIME')
local NOW = TIME[1] * 1000 + math.floor(TIME[2] / 1000)
local function num(v) return tonumber(v or 0) or 0 end
local function life() return string.match(call('INFO', 'server'), 'run_id:(%x+)') .. ' 2' end
local function ready() return call('GET', P .. 'ready') == life() end
`;

/**
 * A book is a row of numbers: S(pent), R(eserved), C(ount of open reservations), L (the part of what is spent that is
 * only possible); of a provider also O (by how much its calls were underestimated lately), T (tokens of the minute) and
 * the window of its day; of the factory the windows of its hour and day. `save()` must be the last that a script does.
 *
 * A window is five numbers of a book: first and last bucket in use (0: none), total, the bucket of now, and what that
 * holds; the other buckets lie in a hash, which is touched when now becomes another bucket. A bucket counts until its
 * last moment has left the window: never too little, briefly too much.
 *
 * Lua's numbers keep sums exact up to nine million dollars, and to a nano-dollar or two beyond.
 */
const BOOKS = `
local M = P .. 'money'
local S, R, C, L, O, T = 1, 2, 3, 4, 5, 6
local FORM = { j = '<dddd', p = '<ddddddddddd', f = '<dddddddddddddd' }
local books, changed = {}, {}
local function fetch(...)
  local texts = call('HMGET', M, ...)
  for i, name in ipairs({ ... }) do
    local form = FORM[string.sub(name, 1, 1)]
    books[name] = { struct.unpack(form, texts[i] or string.rep('\\0', 8 * (#form - 1))) }
  end
end
local function read(name)
  if not books[name] then fetch(name) end
  return books[name]
end
local function write(name)
  changed[name] = true
  return read(name)
end
local function save(answer)
  local flat = {}
  for name in pairs(changed) do
    local form = FORM[string.sub(name, 1, 1)]
    flat[#flat + 1] = name
    flat[#flat + 1] = struct.pack(form, unpack(books[name], 1, #form - 1))
    if #flat >= 1000 then
      call('HSET', M, unpack(flat))
      flat = {}
    end
  end
  if #flat > 0 then call('HSET', M, unpack(flat)) end
  return answer
end

-- Opens the window that lies behind the o-th number of a book. Forgets buckets that have left; buckets of the future
-- (the clock was set back) count from now.
local function window(name, o, key, span, parts)
  local width, b = span / parts, read(name)
  local here, keep = math.floor(NOW / width), math.floor((NOW - span) / width)
  local w = { name = name, book = b, o = o, key = key, span = span, width = width, here = here, keep = keep }
  local first, last = b[o + 1], b[o + 2]
  if b[o + 4] == here and (first == 0 or (first >= keep and last <= here)) then return w end
  write(name)
  if b[o + 5] ~= 0 then call('HSET', key, b[o + 4], b[o + 5]) end
  b[o + 4], b[o + 5] = here, 0
  if first == 0 or (first >= keep and last < here) then return w end
  local all = call('HGETALL', key)
  local total, now = 0, 0
  first, last = 0, 0
  for i = 1, #all, 2 do
    local at, n = num(all[i]), num(all[i + 1])
    if at < keep or at >= here then call('HDEL', key, all[i]) end
    if at >= here then
      now = now + n
      at = here
    end
    if at >= keep then
      total = total + n
      first = first == 0 and at or math.min(first, at)
      last = math.max(last, at)
    end
  end
  b[o + 1], b[o + 2], b[o + 3], b[o + 5] = first, last, total, now
  return w
end
local function total(w) return w.book[w.o + 3] end
local function isEmpty(w) return w.book[w.o + 1] == 0 end

-- Adds n at the moment at (now when missing) unless that has left the window. Answers the total.
local function bump(w, n, at)
  local b, o = w.book, w.o
  local bucket = at and math.min(w.here, math.floor(at / w.width)) or w.here
  if n == 0 or bucket < w.keep then return b[o + 3] end
  write(w.name)
  b[o + 1] = b[o + 1] == 0 and bucket or math.min(b[o + 1], bucket)
  b[o + 2] = math.max(b[o + 2], bucket)
  b[o + 3] = b[o + 3] + n
  if bucket == w.here then
    b[o + 5] = b[o + 5] + n
  else
    call('HSET', w.key, bucket, num(call('HGET', w.key, bucket)) + n)
  end
  return b[o + 3]
end

-- Milliseconds until at least n of a window's total has left it.
local function leaves(w, n)
  local all = call('HGETALL', w.key)
  local buckets = { { w.here, w.book[w.o + 5] } }
  for i = 1, #all, 2 do buckets[#buckets + 1] = { num(all[i]), num(all[i + 1]) } end
  table.sort(buckets, function(x, y) return x[1] < y[1] end)
  local freed = 0
  for _, bucket in ipairs(buckets) do
    freed = freed + bucket[2]
    if freed >= n then return math.ceil((bucket[1] + 1) * w.width + w.span - NOW) end
  end
  return w.span
end

local function hour() return window('f', 4, P .. 'hour', HOUR, 60) end
local function day() return window('f', 9, P .. 'day', DAY, 1440) end
local function today(p) return window('p:' .. p, 6, P .. 'd:' .. p, DAY, 1440) end
local function spend(n, at) return bump(hour(), n, at), bump(day(), n, at) end

-- Books on a provider, a project and the factory.
local function book(p, j, count, reserved, spent, possible)
  for _, name in ipairs({ 'p:' .. p, 'j:' .. j, 'f' }) do
    local b = write(name)
    b[S], b[R], b[C], b[L] = b[S] + spent, b[R] + reserved, b[C] + count, b[L] + possible
  end
end

-- By how much calls of a provider turned out dearer than the worst case that was reserved for them.
local function over(p) return read('p:' .. p)[O] end

-- What is reserved in a book; every open call may turn out by extra dearer than was reserved for it.
local function reserved(b, extra) return b[R] + b[C] * extra end
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
    local b = write('p:' .. p)
    for _, k in ipairs(call('HMGET', t, unpack(gone))) do b[T] = b[T] - num(k) end
    call('HDEL', t, unpack(gone))
    call('ZREM', q, unpack(gone))
    gone = call('ZRANGEBYSCORE', q, '-inf', NOW - MINUTE, 'LIMIT', 0, 1000)
  end
  return call('ZCARD', q), read('p:' .. p)[T]
end

-- Counts a request in its provider's minute.
local function recent(p, id, tokens, at)
  if at <= NOW - MINUTE then return end
  call('ZADD', P .. 'q:' .. p, at, id)
  if tokens > 0 then
    call('HSET', P .. 't:' .. p, id, tokens)
    local b = write('p:' .. p)
    b[T] = b[T] + tokens
  end
end
`;

const HEALTH = `
local function health(p)
  return call('HMGET', P .. 'h:' .. p, 'fails', 'ok', 'fail', 'until', 'out', 'back', 'rates', 'probe')
end
local function probed(p)
  local key = P .. 'h:' .. p
  call('HDEL', key, 'until', 'out', 'back', 'rates')
  call('HSET', key, 'probe', NOW)
  if num(call('HGET', key, 'fails')) == 0 then call('HSET', key, 'ok', NOW) end
end
local function well(p)
  local key = P .. 'h:' .. p
  call('HDEL', key, 'until', 'out', 'back', 'rates')
  call('HSET', key, 'fails', '0', 'ok', NOW)
end
`;

/** For every script but those of the rebuild: nothing is answered from books that are not loaded. */
const GUARD = `
if not ready() then return 'rebuild' end
`;

/** The common parts, for windows of these spans. */
export const luaParts = (windows: Windows) => ({
  basics: basics(windows),
  /** Before a script that reads or writes the books. */
  guarded: basics(windows) + GUARD,
  books: BOOKS + HELD,
  holds: HOLDS,
  health: HEALTH,
});
