import { createHash } from 'node:crypto';
import { LUA } from './meter-lua.ts';

/** A Lua script and the name under which Redis keeps it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * Grants or refuses, in this order: what the provider asked for (`until`), money, rates.
 * Answers `{1, nano, nano with what calls were underestimated by}` or `{0, limit, milliseconds to wait or -1}`.
 *
 * A provider may bill more than the worst case that was estimated (other tokenizers, tokens nobody sees). The first such
 * bill raises all reservations of that provider, those that are open too, so that at most the calls that were on their
 * way before it can overdraw an account.
 *
 * Those who wait for a rate are given one turn each, so that a thousand of them do not all come back for one free place.
 */
const RESERVE = `
local id, p, j = A.id, A.provider, A.project
local old = held(id)
if old then return { 1, int(old.n), int(old.n + over(p)) } end
reap()
local pause = num(call('HGET', P .. 'h:' .. p, 'until')) - NOW
if pause > 0 then return { 0, 'rate', int(pause) } end

local room, extra = A.usd, over(p)
if A.usd > 0 then
  local tight
  local function cap(name, limit, holder, key, span, parts)
    if not limit then return end
    local used, reserved = account(holder, extra)
    if key then used = slide(key, span, parts) end
    local free = limit - used - reserved - extra
    if free < room then
      room = free
      tight = { name, limit - used - extra >= A.min, key, span, parts, A.min - free }
    end
  end
  cap('project_budget', A.projectBudget, 'j:' .. j .. ':')
  cap('credits', A.credits, 'p:' .. p .. ':')
  cap('hour_budget', A.hourBudget, 'f:', P .. 'hour', A.hour, 60)
  cap('day_budget', A.dayBudget, 'f:', P .. 'day', A.day, 1440)
  if room < A.min or room <= 0 then
    local wait = -1
    if tight[2] then wait = A.busy elseif tight[3] then wait = leaves(tight[3], tight[4], tight[5], tight[6]) end
    return { 0, tight[1], int(wait) }
  end
end

local q, t, w = P .. 'q:' .. p, P .. 't:' .. p, P .. 'w:' .. p
local requests, tokens = minute(p)
local need = math.min(A.tokens, A.tpm or A.tokens)
local today = slide(P .. 'd:' .. p, A.day, 1440)
local slow, heavy = A.rpm and requests >= A.rpm, A.tpm and tokens + need > A.tpm
local late = A.rpd and today >= A.rpd
if slow or heavy or late then
  call('ZREMRANGEBYSCORE', w, '-inf', int(NOW))
  call('ZREM', w, j)
  local ahead = num(call('ZCARD', w))
  local wait = 1
  if slow then
    local k = requests - A.rpm + ahead
    local rounds = 1
    if k >= requests then
      rounds = 2 + math.floor((k - requests) / A.rpm)
      k = requests - A.rpm + (k - requests) % A.rpm
    end
    local entry = call('ZRANGE', q, k, k, 'WITHSCORES')
    wait = math.max(wait, num(entry[2]) + rounds * A.minute - NOW)
  end
  if heavy then
    local target = tokens - A.tpm + need * (1 + ahead)
    local rounds = 1 + math.floor((target - 1) / math.max(tokens, 1))
    target = target - (rounds - 1) * tokens
    local freed = 0
    for _, other in ipairs(call('ZRANGE', q, 0, -1)) do
      freed = freed + num(call('HGET', t, other))
      if freed >= target then
        wait = math.max(wait, num(call('ZSCORE', q, other)) + rounds * A.minute - NOW)
        break
      end
    end
  end
  if late then wait = math.max(wait, leaves(P .. 'd:' .. p, A.day, 1440, today - A.rpd + 1 + ahead)) end
  call('ZADD', w, int(NOW + wait), j)
  call('PEXPIRE', w, int(wait + A.minute))
  return { 0, 'rate', int(wait) }
end

book(p, j, 1, room, 0, 0)
hold(id, { p = p, j = j, n = room, k = A.tokens })
call('ZADD', P .. 'expiry', int(NOW + A.ttl), id)
call('ZREM', w, j)
call('SADD', P .. 'ids', p)
recent(p, id, A.tokens, NOW)
bump(P .. 'd:' .. p, A.day, 1440, 1)
return { 1, int(room), int(room + extra) }
`;

/** Puts what was spent in the place of the reservation; an id that is known to be settled changes nothing. */
const SETTLE = `
local h = held(A.id)
local p, j = h and h.p or A.provider, h and h.j or A.project
local hour, day
local possible = A.possible and A.usd or 0
if h then
  call('HDEL', P .. 'held', A.id)
  call('ZREM', P .. 'expiry', A.id)
  if h.e then
    book(p, j, 0, 0, A.usd - h.n, possible - h.n)
    hour, day = spend(A.usd - h.n, h.e)
  else
    if A.usd > 0 and not A.possible then
      local learnt = math.max(A.usd - h.n, math.floor(over(p) * 0.8))
      call('HSET', M, 'p:' .. p .. ':o', int(learnt))
    end
    book(p, j, -1, -h.n, A.usd, possible)
    hour, day = spend(A.usd)
  end
  retoken(p, A.id, A.tokens)
elseif p and not call('ZSCORE', P .. 'done', A.id) then
  book(p, j, 0, 0, A.usd, possible)
  hour, day = spend(A.usd)
end
call('ZADD', P .. 'done', int(NOW), A.id)
call('ZREMRANGEBYSCORE', P .. 'done', '-inf', int(NOW - 3600000))
if p and A.healthy then well(p) end
if not hour then hour, day = spend(0) end
local sums = call('HMGET', M, 'j:' .. (j or '') .. ':s', 'j:' .. (j or '') .. ':p')
return { int(num(sums[1])), int(num(sums[2])), int(hour), int(day) }
`;

/** For each provider `{spent, reserved, requests, tokens, today, health}`, and Redis' time in front. */
const LIVE = `
reap()
local answer = { int(NOW) }
for _, p in ipairs(A.providers) do
  local requests, tokens = minute(p)
  local today = slide(P .. 'd:' .. p, A.day, 1440)
  local spent, reserved = account('p:' .. p .. ':', over(p))
  answer[#answer + 1] = {
    int(spent), int(reserved), int(requests), int(tokens), int(today), health(p)
  }
end
return answer
`;

/** Writes news of a provider's health; answers Redis' time, the health before and after. */
const REPORT = `
local p, key = A.provider, P .. 'h:' .. A.provider
local before = health(p)
if A.kind == 'success' then
  well(p)
elseif A.kind == 'forget' then
  call('DEL', key)
elseif A.kind == 'failure' then
  call('HINCRBY', key, 'fails', 1)
  call('HSET', key, 'fail', int(NOW))
elseif A.kind == 'rate' then
  local rates = call('HINCRBY', key, 'rates', 1)
  local wait = A.wait or math.min(60000, 2500 * 2 ^ math.min(rates, 5))
  if NOW + wait > num(call('HGET', key, 'until')) then call('HSET', key, 'until', int(NOW + wait)) end
  call('HSET', key, 'fail', int(NOW))
elseif A.kind == 'money' then
  call('HSETNX', key, 'out', int(NOW))
  call('HSET', key, 'fail', int(NOW))
  if A.wait then call('HSET', key, 'back', int(NOW + A.wait)) else call('HDEL', key, 'back') end
end
return { int(NOW), before, health(p) }
`;

const ONCE = `
return call('SET', P .. 'once:' .. A.key, '1', 'NX', 'PX', int(A.ttl)) and 1 or 0
`;

/** Who may rebuild: `ready`, `yours` or `wait`. */
const CLAIM = `
if ready() then return 'ready' end
local lock = P .. 'rebuild'
if call('SET', lock, A.token, 'NX', 'PX', int(A.ttl)) then return 'yours' end
return 'wait'
`;

/** Keeps (or with a short time: gives up) the claim. */
const EXTEND = `
if call('GET', P .. 'rebuild') ~= A.token then return 0 end
return call('PEXPIRE', P .. 'rebuild', int(A.ttl))
`;

/**
 * Replaces the books by what the ledgers and journals say, in one step. Refused (0) when the claim was lost or somebody
 * else has done it. Ages are milliseconds before now.
 */
const LOAD = `
if ready() or call('GET', P .. 'rebuild') ~= A.token then return 0 end
for _, name in ipairs({ 'money', 'held', 'expiry', 'done', 'hour', 'day' }) do call('DEL', P .. name) end
for _, p in ipairs(call('SMEMBERS', P .. 'ids')) do
  for _, name in ipairs({ 'q:', 't:', 'd:', 'w:' }) do call('DEL', P .. name .. p) end
end
call('DEL', P .. 'ids')
for field, n in pairs(A.sums) do call('HSET', M, field, n) end
for _, r in ipairs(A.spending) do spend(r[2], NOW - r[1]) end
for _, r in ipairs(A.days) do
  call('SADD', P .. 'ids', r[1])
  bump(P .. 'd:' .. r[1], A.day, 1440, r[3], NOW - r[2])
end
for _, r in ipairs(A.done) do call('ZADD', P .. 'done', int(NOW - r[2]), r[1]) end
for _, r in ipairs(A.recent) do recent(r.p, r.id, r.k, NOW - r.age) end
for _, r in ipairs(A.open) do
  book(r.p, r.j, 1, r.n, 0, 0)
  hold(r.id, { p = r.p, j = r.j, n = r.n, k = 0 })
  call('ZADD', P .. 'expiry', int(NOW - r.age + A.ttl), r.id)
end
call('SET', P .. 'ready', life())
call('DEL', P .. 'rebuild')
return 1
`;

export const SCRIPTS = {
  reserve: script(LUA.guarded + RESERVE),
  settle: script(LUA.guarded + SETTLE),
  live: script(LUA.guarded + LIVE),
  report: script(LUA.guarded + REPORT),
  once: script(LUA.guarded + ONCE),
  claim: script(LUA.unguarded + CLAIM),
  extend: script(LUA.unguarded + EXTEND),
  load: script(LUA.unguarded + LOAD),
} as const;
