import { createHash } from 'node:crypto';
import type { Windows } from './meter-facts.ts';
import { GUARD, luaParts } from './meter-lua.ts';
import { RESERVE } from './meter-reserve.ts';

/** A Lua script and the name under which Redis keeps it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Puts what was spent in the place of the reservation; an id that is known to be settled changes nothing. */
const SETTLE = `
local h = held(A.id)
local p, j = h and h.p or A.provider, h and h.j or A.project
local perHour, perDay
local possible = A.possible and A.usd or 0
if h then
  call('HDEL', P .. 'held', A.id)
  call('ZREM', P .. 'expiry', A.id)
  if h.e then
    book(p, j, 0, 0, A.usd - h.n, possible - h.n)
    perHour, perDay = spend(A.usd - h.n, h.e)
  else
    if A.usd > 0 and not A.possible then
      local before, under = over(p), A.usd - h.n
      local kept = math.floor(before * 0.8)
      if under > kept then call('HSET', M, 'over:p:' .. p, under, 'overat:p:' .. p, NOW)
      elseif before > 0 then call('HSET', M, 'over:p:' .. p, kept) end
    end
    book(p, j, -1, -h.n, A.usd, possible)
    perHour, perDay = spend(A.usd)
  end
  local t = P .. 't:' .. p
  local old = call('HGET', t, A.id)
  if old or (A.tokens > 0 and call('ZSCORE', P .. 'q:' .. p, A.id)) then
    call('HSET', t, A.id, A.tokens)
    add('tokens', 'p:' .. p, A.tokens - num(old))
  end
elseif p and not call('ZSCORE', P .. 'done', A.id) then
  book(p, j, 0, 0, A.usd, possible)
  perHour, perDay = spend(A.usd)
end
call('ZADD', P .. 'done', NOW, A.id)
-- Now and then is often enough for what only takes up room.
if NOW % 32 == 0 then call('ZREMRANGEBYSCORE', P .. 'done', '-inf', NOW - 3600000) end
if p and A.healthy == 'call' then well(p) elseif p and A.healthy == 'probe' then probed(p) end
if not perHour then perHour, perDay = spend(0) end
local of = j or A.asks or ''
local project = call('HMGET', M, 'spent:j:' .. of, 'possible:j:' .. of)
return { num(project[1]), num(project[2]), perHour, perDay }
`;

/** For each provider `{spent, reserved, requests, tokens, today, health}`, and Redis' time in front. */
const LIVE = `
reap()
local answer = { NOW }
for _, p in ipairs(A.providers) do
  local requests, tokens = minute(p)
  local spent, reserved = account('p:' .. p, over(p))
  answer[#answer + 1] = { spent, reserved, requests, tokens, today(p).total, health(p) }
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
elseif A.kind == 'trial' then
  call('HDEL', key, 'probe')
elseif A.kind == 'failure' then
  call('HINCRBY', key, 'fails', 1)
  call('HSET', key, 'fail', NOW)
elseif A.kind == 'rate' then
  local rates = call('HINCRBY', key, 'rates', 1)
  local grown = math.min(60000, 2500 * 2 ^ math.min(rates, 5))
  -- What is named again and again and is never enough was no promise.
  local wait = A.wait or grown
  if rates > 3 then wait = math.max(wait, grown) end
  if NOW + wait > num(call('HGET', key, 'until')) then call('HSET', key, 'until', NOW + wait) end
  call('HSET', key, 'fail', NOW)
elseif A.kind == 'money' then
  call('HSETNX', key, 'out', NOW)
  call('HSET', key, 'fail', NOW)
  if A.wait then call('HSET', key, 'back', NOW + A.wait) else call('HDEL', key, 'back') end
end
return { NOW, before, health(p) }
`;

/** What expired since somebody asked last: each is told once. */
const EXPIRED = `
reap()
local all = call('LRANGE', P .. 'reaped', 0, -1)
call('DEL', P .. 'reaped')
return all
`;

const ONCE = `
return call('SET', P .. 'once:' .. A.key, '1', 'NX', 'PX', A.ttl) and 1 or 0
`;

/** Who may rebuild: `ready`, `yours` or `wait`. */
const CLAIM = `
if ready() then return 'ready' end
local lock = P .. 'rebuild'
if call('SET', lock, A.token, 'NX', 'PX', A.ttl) then return 'yours' end
return 'wait'
`;

/** Keeps (or with a short time: gives up) the claim. */
const EXTEND = `
if call('GET', P .. 'rebuild') ~= A.token then return 0 end
return call('PEXPIRE', P .. 'rebuild', A.ttl)
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
local lastHour, lastDay = hour(), day()
for _, r in ipairs(A.spending) do
  bump(lastHour, r[2], NOW - r[1])
  bump(lastDay, r[2], NOW - r[1])
end
local days = {}
for _, r in ipairs(A.days) do
  days[r[1]] = days[r[1]] or today(r[1])
  bump(days[r[1]], r[3], NOW - r[2])
end
for p in pairs(days) do call('SADD', P .. 'ids', p) end
for _, r in ipairs(A.done) do call('ZADD', P .. 'done', NOW - r[2], r[1]) end
for _, r in ipairs(A.recent) do recent(r.p, r.id, r.k, NOW - r.age) end
for _, r in ipairs(A.open) do
  book(r.p, r.j, 1, r.n, 0, 0)
  hold(r.id, { p = r.p, j = r.j, n = r.n })
  call('ZADD', P .. 'expiry', NOW - r.age + A.ttl, r.id)
end
call('HSET', M, 'ready', life())
call('DEL', P .. 'rebuild')
return 1
`;

export type Scripts = Record<
  'reserve' | 'settle' | 'live' | 'report' | 'once' | 'expired' | 'claim' | 'extend' | 'load',
  Script
>;

/** Each with no more of the common parts than it uses: making them costs time at every call. */
export function createScripts(windows: Windows): Scripts {
  const { basics, books, holds, health } = luaParts(windows);
  const guarded = basics + GUARD;
  return {
    reserve: script(guarded + books + holds + RESERVE),
    settle: script(guarded + books + health + SETTLE),
    live: script(guarded + books + holds + health + LIVE),
    report: script(guarded + health + REPORT),
    once: script(guarded + ONCE),
    expired: script(guarded + books + holds + EXPIRED),
    claim: script(basics + CLAIM),
    extend: script(basics + EXTEND),
    load: script(basics + books + holds + LOAD),
  };
}
