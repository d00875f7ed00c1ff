"""Scripts in Lua, which run as one command."""

# ruff: noqa: E501 # a step is one line, and the script stands in it

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "a script runs as one command",
        r"""
        ann~ BLPOP jobs 0
        shop: EVAL "redis.call('RPUSH',KEYS[1],'a') redis.call('LPUSH',KEYS[1],'b') return redis.call('LLEN',KEYS[1])" 1 jobs
        ann<
        shop: LRANGE jobs 0 -1
        carol: EVAL "return redis.call('PING')" 0
        shop: CLIENT LIST | name cmd
        bob: SUBSCRIBE news
        shop: EVAL "local heard = 0 for i = 1, 3 do heard = heard + redis.call('PUBLISH','news',i) end return heard" 0
        bob< 3
        shop: EVAL "redis.call('SET','kept','yes') redis.call('LPUSH','kept','no') redis.call('SET','never','x')" 0    #! valkey-9: leaves the hash out
        shop: MGET kept never
        ann: WATCH kept
        shop: EVAL "return redis.call('SET','kept','changed')" 1 kept
        ann: MULTI
        ann: EVAL "return redis.call('GET','kept')" 1 kept
        ann: EXEC
        ann: MULTI
        ann: EVAL "return redis.call('SET','kept','again')" 1 kept
        ann: EVAL "return redis.call('NOSUCH')" 0
        ann: EVAL "return" x
        ann: EVAL "no lua" 0
        ann: EXEC    #! valkey-9: words it differently
        ann: EVAL "redis.call('SELECT',1) return redis.call('SET','elsewhere','v')" 0
        ann: GET elsewhere
        ann: SELECT 1
        ann: GET elsewhere
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "a lock that only its holder releases, a claim that marks, a queue that tells",
        r"""
        ann: SET lock ann NX
        bob: EVAL "if redis.call('GET',KEYS[1]) == ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0" 1 lock bob
        ann: EVAL "if redis.call('GET',KEYS[1]) == ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0" 1 lock ann
        shop: ZADD due 5 order-1 9 order-2
        ann: EVAL "local due = redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',ARGV[1]) for _, job in ipairs(due) do redis.call('ZREM',KEYS[1],job) redis.call('RPUSH',KEYS[2],job) end return due" 2 due jobs 7
        ann: LRANGE jobs 0 -1
        ann: EVAL "local job = redis.call('LMOVE',KEYS[1],KEYS[2],'LEFT','RIGHT') if not job then return false end redis.call('HINCRBY',KEYS[3],job,1) return {job, redis.call('HGET',KEYS[3],job)}" 3 jobs mine tries
        ann: EVAL "local job = redis.call('LMOVE',KEYS[1],KEYS[2],'LEFT','RIGHT') if not job then return false end return job" 2 jobs mine
        shop: XADD orders 1-1 job a
        shop: XGROUP CREATE orders packing 0
        ann: XREADGROUP GROUP packing ann STREAMS orders >
        ann: EVAL "local done = redis.call('XACK',KEYS[1],'packing',ARGV[1]) if done == 1 then redis.call('INCR',KEYS[2]) end return done" 2 orders packed 1-1
        ann: EVAL "local done = redis.call('XACK',KEYS[1],'packing',ARGV[1]) if done == 1 then redis.call('INCR',KEYS[2]) end return done" 2 orders packed 1-1
        ann: GET packed
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "what a script returns",
        r"""
        ann: EVAL "return 'text'" 0
        ann: EVAL "return {1, 2.9, -2.9, 'a', true, false, {3, {4}}}" 0
        ann: EVAL "return {1, nil, 3}" 0
        ann: EVAL "return true" 0
        ann: EVAL "return false" 0
        ann: EVAL "return nil" 0
        ann: EVAL "" 0
        ann: EVAL "return 1, 2, 3" 0
        ann: EVAL "return 3.99" 0
        ann: EVAL "return 1e30" 0
        ann: EVAL "return 0/0" 0
        ann: EVAL "return {ok='fine'}" 0
        ann: EVAL "return {err='MY error'}" 0
        ann: EVAL "return {err=5}" 0
        ann: EVAL "return {double=3.5}" 0
        ann: EVAL "return {map={a=1}}" 0
        ann: EVAL "return {set={a=true}}" 0
        ann: EVAL "return {map=1, set=2, verbatim_string=3}" 0
        ann: EVAL "return {verbatim_string={format='txt', string='hi'}}" 0
        ann: EVAL "return {big_number='12345678901234567890'}" 0
        ann: EVAL "return function() end" 0
        ann: EVAL "return {1, function() end, 3}" 0
        ann: EVAL "return setmetatable({}, {__index = function() return 'm' end})" 0
        ann: EVAL "redis.setresp(3) return {true, false}" 0
        ann: EVAL "return redis.status_reply('OK then')" 0
        ann: EVAL "return redis.status_reply()" 0
        ann: EVAL "return redis.error_reply('MY error')" 0
        ann: EVAL "return redis.error_reply('MYERROR')" 0
        ann: EVAL "return redis.error_reply('-MY dash')" 0
        ann: EVAL "return redis.error_reply(5)" 0
        ann: EVAL "return {KEYS, ARGV}" 2 a b c d
        ann: EVAL "KEYS[1] = 'b' ARGV[2] = 'c' return {KEYS, ARGV}" 1 a x
        ann: EVAL "return #ARGV[1]" 0 ""
        ann: EVAL "return cjson.null" 0
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "what a script sees of a reply",
        r"""
        ann: EVAL "return redis.call('SET','k',5)" 1 k
        ann: EVAL "return redis.call('GET','k') + 1" 1 k
        ann: EVAL "return type(redis.call('GET','none'))" 0
        ann: EVAL "return {redis.call('GET','none'), 'after'}" 0
        ann: EVAL "return redis.call('PING').ok" 0
        ann: EVAL "return redis.call('HSET','h','a',1)" 1 h
        ann: EVAL "return redis.call('HGETALL','h')" 1 h
        ann: EVAL "return redis.call('HGETALL','h')[1]" 1 h
        ann: EVAL "redis.setresp(3) return redis.call('HGETALL','h')" 1 h
        ann: EVAL "redis.setresp(3) return redis.call('HGETALL','h').map.a" 1 h
        ann: EVAL "redis.setresp(3) return type(redis.call('GET','none'))" 0
        ann: EVAL "return redis.call('ZADD','z',1.5,'m',2,'n')" 1 z
        ann: EVAL "return type(redis.call('ZSCORE','z','m'))" 1 z
        ann: EVAL "redis.setresp(3) return redis.call('ZSCORE','z','m').double == 1.5" 1 z
        ann: EVAL "return redis.call('ZRANGE','z',0,-1,'WITHSCORES')" 1 z
        ann: EVAL "redis.setresp(3) return #redis.call('ZRANGE','z',0,-1,'WITHSCORES')" 1 z
        ann: EVAL "return redis.call('SADD','s','a')" 1 s
        ann: EVAL "redis.setresp(3) return redis.call('SMEMBERS','s').set.a" 1 s
        ann: EVAL "redis.setresp(3) return redis.call('SISMEMBER','s','a')" 1 s
        ann: EVAL "return redis.call('XADD','x','1-1','f','v')" 1 x
        ann: EVAL "return redis.call('XRANGE','x','-','+')" 1 x
        ann: EVAL "redis.setresp(3) return redis.call('XINFO','STREAM','x').map.length" 1 x
        ann: EVAL "return redis.call('TYPE','x').ok" 1 x
        ann: EVAL "return redis.call('SET','k','v','NX')" 1 k
        ann: SADD mixed t o r a b c
        ann: EVAL "return redis.call('SORT','mixed','BY','_')" 1 mixed
        ann: EVAL "return redis.call('SORT','mixed','BY','_','DESC','LIMIT',1,2)" 1 mixed
        ann: EVAL "local a = {} for i = 1, 7000 do a[i] = 'x' end return redis.call('RPUSH','l',unpack(a))" 1 l
        ann: EVAL "local a = {} for i = 1, 9000 do a[i] = 'x' end return redis.call('RPUSH','l',unpack(a))" 1 l    #! valkey-9: leaves the hash out
        ann: EVAL "return #redis.call('TIME')" 0
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "how a script writes its words",
        r"""
        ann: EVAL "return redis.call('ECHO', 5)" 0
        ann: EVAL "return redis.call('ECHO', 5.5)" 0
        ann: EVAL "return redis.call('ECHO', 1/3)" 0    #! redis-7.0: 17 digits
        ann: EVAL "return redis.call('ECHO', 1e15)" 0
        ann: EVAL "return redis.call('ECHO', 1e17)" 0    #! redis-7.0: as older servers do
        ann: EVAL "return redis.call('ECHO', 1e20)" 0
        ann: EVAL "return redis.call('ECHO', -0.0)" 0    #! redis-7.0: as older servers do
        ann: EVAL "return redis.call('ECHO', 1/0)" 0
        ann: EVAL "return redis.call('GeT', 'none')" 0
        ann: EVAL "return redis.call('GET', {})" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('GET', nil)" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('GET', true)" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call()" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.pcall()" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.pcall('GET', false)" 0    #! valkey-9: words it differently
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "how a script fails",
        r"""
        ann: EVAL "return 1" x
        ann: EVAL "return 1" -1
        ann: EVAL "return 1" 3 a
        ann: EVAL "return 1" 1.0 a
        ann: EVAL "return return" 0
        ann: EVAL "call(" 0
        ann: EVAL "error('no')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "error({err='MY no'})" 0    #! valkey-9: leaves the hash out
        ann: EVAL "error('no', 0)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "error(nil)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return nil + 1" 0    #! valkey-9: leaves the hash out
        ann: EVAL "local t = nil\nreturn t.x" 0    #! valkey-9: leaves the hash out
        ann: EVAL "local function deep() error('no') end\n\ndeep()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return string.rep()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return assert(false, 'no')" 0    #! valkey-9: leaves the hash out
        ann: SET k v
        ann: EVAL "return redis.call('RPUSH','k','a')" 1 k    #! valkey-9: leaves the hash out
        ann: EVAL "local x = redis.call('RPUSH','k','a')\nreturn x" 1 k    #! valkey-9: leaves the hash out
        ann: EVAL "return redis.pcall('RPUSH','k','a')" 1 k
        ann: EVAL "return redis.pcall('RPUSH','k','a').err" 1 k
        ann: EVAL "return redis.call('NOSUCH')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('CLIENT','NOSUCH')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('GET')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.pcall('GET')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('INCR','k')" 1 k    #! valkey-9: leaves the hash out
        ann: EVAL "return redis.call('XREADGROUP','GROUP','g','c','STREAMS','x','>')" 0    #! valkey-9: lets no such command run in a script
        ann: EVAL "local done, problem = pcall(redis.call,'RPUSH','k','a') return problem" 1 k
        ann: EVAL "local done, problem = pcall(function() redis.call('RPUSH','k','a') end) return problem" 1 k
        ann: EVAL "local done, problem = pcall(function() error('no') end) return problem" 0
        ann: EVAL "return {pcall(error, 'no')}" 0
        ann: EVAL "local done, problem = pcall(error, {err='MY no'}) return problem" 0
        ann: EVAL "local done, problem = xpcall(function() redis.call('NOSUCH') end, type) return problem" 0
        ann: EVAL "local done, problem = xpcall(function() error('no') end, function(text) return 'H ' .. text end) return problem" 0
        ann: EVAL "return {pcall(function(...) return ... end, 1, nil, 3)}" 0
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "what a script may not do",
        r"""
        ann: EVAL "return redis.call('MULTI')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('WATCH','k')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('SUBSCRIBE','news')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('EVAL','return 1',0)" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('SCRIPT','EXISTS','x')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('CLIENT','ID')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('HELLO')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('CONFIG','GET','maxmemory')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.call('BLPOP','none',0)" 0    #! redis-7.0: lets no such command run in a script
        ann: EVAL "return redis.call('XREAD','BLOCK',0,'STREAMS','x','$')" 0    #! redis-7.0: lets no such command run in a script
        ann: EVAL "return redis.call('WAIT',0,0)" 0    #! redis-7.0: lets no such command run in a script
        ann: SET k v
        ann: EVAL_RO "return redis.call('GET','k')" 1 k
        ann: EVAL_RO "return redis.call('SET','k',1)" 1 k    #! valkey-9: leaves the hash out
        ann: EVAL_RO "return redis.pcall('SET','k',1)" 1 k
        ann: EVAL_RO "return redis.call('PUBLISH','news','x')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return missing" 0    #! valkey-9: leaves the hash out
        ann: EVAL "global = 5" 0    #! valkey-9: leaves the hash out
        ann: EVAL "function named() end" 0    #! valkey-9: leaves the hash out
        ann: EVAL "_G.x = 5" 0    #! valkey-9: leaves the hash out
        ann: EVAL "rawset(_G, 'x', 5)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "string.x = 5" 0    #! valkey-9: leaves the hash out
        ann: EVAL "redis.call = 5" 0    #! valkey-9: leaves the hash out
        ann: EVAL "KEYS = 5" 0    #! valkey-9: leaves the hash out
        ann: EVAL "setmetatable(_G, nil)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return print" 0    #! valkey-9: leaves the hash out
        ann: EVAL "getmetatable(_G).__index = {}" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return loadstring('x = 5')()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return redis.setresp(4)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return redis.setresp()" 0    #! valkey-9: words it differently
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "the first line of a script",
        r"""
        ann: SET k v
        ann: EVAL "#!lua\nreturn 1" 0
        ann: EVAL "#!lua flags=no-writes\nreturn redis.call('GET','k')" 1 k
        ann: EVAL "#!lua flags=no-writes,allow-stale\nreturn redis.call('SET','k',1)" 1 k    #! valkey-9: leaves the hash out
        ann: EVAL "#!lua flags=no-writes\nerror('no')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "#!lua flags=\nreturn 1" 0
        ann: EVAL "#!lua flags=no-cluster\nreturn 1" 0
        ann: EVAL "#!lua" 0
        ann: EVAL "#!lua flags=nonsense\nreturn 1" 0
        ann: EVAL "#!lua name=x\nreturn 1" 0
        ann: EVAL "#!python\nreturn 1" 0    #! valkey-9: words it differently
        ann: EVAL_RO "#!lua\nreturn 1" 0
        ann: EVAL_RO "#!lua flags=no-writes\nreturn 1" 0
        ann: EVAL "#!lua\nreturn" x
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "scripts are known by their hash",
        r"""
        ann: SCRIPT LOAD "return ARGV[1]"
        ann: EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da 0 a
        bob: EVALSHA 098E0F0D1448C0A81DAFE820F66D460EB09263DA 0 b
        ann: EVALSHA_RO 098e0f0d1448c0a81dafe820f66d460eb09263da 0 c
        ann: EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da x
        ann: EVALSHA 0123 0    #! valkey-9: words it without advice
        ann: EVALSHA_RO 0123 0    #! valkey-9: words it without advice
        ann: EVAL "return 1" 0
        ann: SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0123 E0E1F9FABFC9D4800C877A703B823AC0578FF8DB
        ann: SCRIPT LOAD "return return"
        ann: SCRIPT LOAD
        ann: SCRIPT EXISTS
        ann: SCRIPT KILL
        ann: SCRIPT FLUSH NOW
        ann: SCRIPT FLUSH SYNC a
        ann: SCRIPT FLUSH ASYNC
        ann: EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0    #! valkey-9: words it without advice
        ann: SCRIPT FLUSH
        ann: MULTI
        ann: EVALSHA 0123 0
        ann: EXEC    #! valkey-9: words it without advice
        ann: SCRIPT DEBUG NO    #! embedded: there is no debugger here
        ann: SCRIPT HELP    #! redis-7.0 valkey-9: words it differently
        """,
        proves="ScriptsAreKnownByTheirHash",
    ),
    scenario(
        "the library redis",
        r"""
        ann: EVAL "local names = {} for name in pairs(redis) do names[#names + 1] = name end table.sort(names) return names" 0    #! valkey-9: has its own name, too
        ann: EVAL "return redis.sha1hex('abc')" 0
        ann: EVAL "return redis.sha1hex(5)" 0
        ann: EVAL "return redis.sha1hex()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return redis.log(redis.LOG_NOTICE, 'hello')" 0
        ann: EVAL "return redis.log(9, 'hello')" 0    #! redis-7.0 valkey-9: words it differently
        ann: EVAL "return redis.log('hello')" 0    #! valkey-9: words it differently
        ann: EVAL "return {redis.LOG_DEBUG, redis.LOG_WARNING, redis.REPL_ALL, redis.REPL_NONE}" 0
        ann: EVAL "return redis.replicate_commands()" 0
        ann: EVAL "return redis.set_repl(redis.REPL_ALL)" 0
        ann: EVAL "return redis.set_repl(99)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return redis.breakpoint()" 0
        ann: EVAL "return redis.debug('x')" 0
        ann: EVAL "return redis.acl_check_cmd('SET','a','b')" 0
        ann: EVAL "return redis.acl_check_cmd('NOSUCH')" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.acl_check_cmd()" 0    #! valkey-9: words it differently
        ann: EVAL "return redis.acl_check_cmd({})" 0    #! valkey-9: words it differently
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "the other libraries",
        r"""
        ann: EVAL "local names = {} for name in pairs(bit) do names[#names + 1] = name end table.sort(names) return names" 0
        ann: EVAL "local names = {} for name in pairs(math) do names[#names + 1] = name end table.sort(names) return names" 0
        ann: EVAL "local names = {} for name in pairs(string) do names[#names + 1] = name end table.sort(names) return names" 0
        ann: EVAL "local names = {} for name in pairs(table) do names[#names + 1] = name end table.sort(names) return names" 0
        ann: EVAL "local names = {} for name in pairs(os) do names[#names + 1] = name end return names" 0    #! redis-7.0: came later
        ann: EVAL "return ('x'):rep(3) .. string.format('%5.2f', 1.234) .. tostring(1e15)" 0
        ann: EVAL "local t = {3, 1, 2} table.sort(t) return table.concat(t, ',')" 0
        ann: EVAL "return table.concat({{}}, ',')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return coroutine.wrap(function() return redis.call('PING') end)()" 0
        ann: EVAL "return {loadstring('return 5')(), load(function() end) == nil}" 0
        ann: EVAL "return {loadstring('return 1 +')}" 0
        ann: EVAL "return {loadstring(string.dump(function() return 1 end))}" 0
        ann: EVAL "return {load(function() return string.char(27) end)}" 0
        ann: EVAL "return getmetatable('').__index == string" 0
        ann: EVAL "math.randomseed(7) return {math.random(100), math.random(100), math.random(5, 6), tostring(math.random())}" 0
        ann: EVAL "return math.random(0)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return math.random('a')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return math.random(2, 1)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "math.randomseed('a')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "math.randomseed()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return math.random('1', '1')" 0
        ann: EVAL "return math.random(1, 2, 3)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return {bit.band(6, 3), bit.bor(1, 2, 4), bit.bxor(5, 3), bit.bnot(0), bit.tobit(2^40 + 5)}" 0
        ann: EVAL "return {bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-256, 8), bit.rol(0x12345678, 12), bit.ror(0x12345678, 12), bit.bswap(0x12345678)}" 0
        ann: EVAL "return {bit.tohex(1), bit.tohex(-1), bit.tohex(0xffffffff, 4), bit.tohex(0xabcdef, -4)}" 0
        ann: EVAL "return bit.band()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return bit.band('a')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return bit.lshift(1)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cmsgpack.unpack(cmsgpack.pack({1, 'a'}))" 0    #! embedded: no package of ours has it
        ann: EVAL "return struct.pack('>I2', 258)" 0    #! embedded: no package of ours has it
        """,
        proves="AScriptIsOneCommand",
    ),
    scenario(
        "scripts write and read JSON",
        r"""
        ann: EVAL "return cjson.encode({1, 2.5, 'x', true, false, cjson.null, {a = {}}})" 0
        ann: EVAL "return cjson.encode('a/b' .. string.char(9, 10, 34, 92, 127, 1) .. 'é')" 0
        ann: EVAL "return cjson.encode({[1] = 1, [3] = 3})" 0
        ann: EVAL "return cjson.encode({[1.5] = 1})" 0
        ann: EVAL "return cjson.encode({[1] = 1, [100] = 3})" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.encode(type)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.encode({[true] = 1})" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.encode(0/0)" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.encode(1e20) .. cjson.encode(0.1) .. cjson.encode(-0.5)" 0
        ann: EVAL "return cjson.encode()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return tostring(cjson.null)" 0
        ann: EVAL "return cjson.encode_keep_buffer(true)" 0
        ann: EVAL "return {cjson.encode_max_depth()}" 0    #! embedded: no package of ours has it
        ann: EVAL "return cjson.decode(ARGV[1])['id']" 0 '{"id": 7, "name": "x"}'
        ann: EVAL "return cjson.decode(ARGV[1]).a[3].b == cjson.null" 0 '{"a":[1,2,{"b":null}]}'
        ann: EVAL "return cjson.encode(cjson.decode(ARGV[1]))" 0 '{"id": [7, "é"]}'
        ann: EVAL "return cjson.decode('[1,2.5,true,false]')" 0
        ann: EVAL "return cjson.decode(5)" 0
        ann: EVAL "return cjson.decode('bad')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode('')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode('[1,')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode('[1 2]')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode('{1:2}')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode(ARGV[1])" 0 '{"a" 2}'    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode(ARGV[1])" 0 '{"a":2 3}'    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode('[1]x')" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode(ARGV[1])" 0 '"abc'    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode({})" 0    #! valkey-9: leaves the hash out
        ann: EVAL "return cjson.decode()" 0    #! valkey-9: leaves the hash out
        ann: EVAL "local done, problem = pcall(cjson.decode, 'bad') return problem" 0
        ann: EVAL "local done, problem = pcall(function() return cjson.decode('bad') end) return problem" 0
        """,
        proves="AScriptIsOneCommand",
    ),
)
