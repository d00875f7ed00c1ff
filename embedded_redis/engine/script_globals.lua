-- What a script finds around it: the globals of Redis 8.2, which it cannot change.
-- Follows https://redis.io/docs/latest/develop/programmability/lua-api/
--
-- It is given what the host does for scripts, as functions of C: a function of Lua that a script
-- ends with (`return redis.call(...)`) would take the script's place, and so the line that failed.

local host, redis, cjson, bit, steps = ...

local SOURCE, OURS, OUR_PLACE = "@user_script", "=redis", "^redis:%d+: "
local READONLY = "Attempt to modify a readonly table"
local BINARY = "\27"  -- so code begins that was compiled before: Redis takes none
local ENDLESS = "ERR the script has no end: a real server would run it still, "
    .. "and answer BUSY to everybody else"
local HOOKS = 100  -- so often a script is asked how far it is
local NAMED = {  -- of Lua's own globals
    "_VERSION", "assert", "collectgarbage", "error", "gcinfo", "getmetatable", "ipairs", "next",
    "rawequal", "rawget", "select", "tonumber", "tostring", "type", "unpack",
}
local base = getfenv(0)
local error, setmetatable, rawset, setfenv = error, setmetatable, rawset, setfenv
local pairs, ipairs, type, tostring, unpack = pairs, ipairs, type, tostring, unpack
local select, xpcall, loadstring = select, xpcall, loadstring
local getinfo, sethook = debug.getinfo, debug.sethook
local format, gsub, concat = string.format, string.gsub, table.concat

getmetatable(cjson.null).__tostring = function() return "userdata: (nil)" end
getmetatable(cjson.null).__metatable = false

-- A table that a script may read and not change; what stands in it is behind it.
local behind = {}

local UNCHANGING = {}  -- what a script is told to be the metatable of such a table

local function readonly(contents, missing)
    local function look(_, name)
        local value = contents[name]
        if value == nil then missing(name) end
        return value
    end
    local shown = setmetatable({}, {
        __index = missing and look or contents,
        __newindex = function() error(READONLY, 2) end,
        __metatable = UNCHANGING,
    })
    return shown
end

setmetatable(UNCHANGING, {__newindex = function() error(READONLY, 2) end, __metatable = UNCHANGING})

-- The nearest place outside of this file and of C: there is a script when something fails.
local function place()
    local level, info = 2, nil
    repeat
        level = level + 1
        info = getinfo(level, "Sl")
    until not info or (info.source ~= OURS and info.currentline > 0)
    return info
end

-- What a command, or a function of the host, has failed with: Redis makes a table of the one, and
-- of the other a text that begins with the line, unless `pcall` itself has called the function.
local function of_host(problem)
    local text, tells_where = host.described(problem)
    if not tells_where then return text and {err = text} or problem end
    if getinfo(4, "S").source == OURS then return text end
    local info = place()
    return format("%s:%d: %s", info.short_src, info.currentline, text)
end

local function is_of_host(problem) return type(problem) == "userdata" and problem ~= cjson.null end

local function explained(problem)
    if is_of_host(problem) then problem = of_host(problem) end
    if is_of_host(problem) then return problem end  -- no failure of the script: the host's own
    if type(problem) ~= "table" then problem = {err = "ERR " .. tostring(problem)} end
    local info = place()
    if info then problem.source, problem.line = info.source, info.currentline end
    return problem
end

local numbers = {}
for name, value in pairs(math) do numbers[name] = value end
numbers.random, numbers.randomseed = host.random, host.seed

-- How far a script is: when it has gone all its steps it is ended, and nothing in it catches that.
local asked = 0

local function watched(what)
    sethook(function()
        asked = asked + 1
        if asked >= HOOKS then error({err = ENDLESS}, 0) end
    end, "", steps / HOOKS)
    return what
end

-- A coroutine has a hook of its own.
local coroutines = {}
for name, value in pairs(coroutine) do coroutines[name] = value end
for _, name in ipairs({"create", "wrap"}) do
    coroutines[name] = function(what)
        if type(what) ~= "function" then return coroutine[name](what) end
        return coroutine[name](function(...) return watched(what)(...) end)
    end
end

local function needs_server(library)
    return function() error({err = "ERR '" .. library .. "' needs a real server"}, 0) end
end

for _, setting in ipairs({
    "new", "encode_max_depth", "decode_max_depth", "encode_sparse_array", "encode_number_precision",
    "encode_invalid_numbers", "decode_invalid_numbers",
}) do
    cjson[setting] = needs_server("cjson." .. setting)
end

local globals = {
    cmsgpack = readonly({}, needs_server("cmsgpack")),
    struct = readonly({}, needs_server("struct")),
}
for name, library in pairs({
    redis = redis, cjson = cjson, bit = bit, math = numbers, string = string, table = table,
    coroutine = coroutines, os = {clock = os.clock},
}) do
    globals[name] = readonly(library)
    behind[globals[name]] = library
end
for _, name in ipairs(NAMED) do globals[name] = base[name] end

-- The globals of the script that runs, which nothing keeps when it has ended.
local now_shown, now_behind

local function behind_of(contents)
    return contents == now_shown and now_behind or behind[contents]
end

function globals.pairs(...)
    local contents = ...
    if type(contents) ~= "table" then
        local given = select("#", ...) > 0 and type(contents) or "no value"
        error(format("bad argument #1 to 'pairs' (table expected, got %s)", given), 2)
    end
    return pairs(behind_of(contents) or contents)
end

function globals.rawset(contents, ...)
    if behind_of(contents) then error(READONLY, 0) end
    return rawset(contents, ...)
end

function globals.setmetatable(contents, ...)
    if behind_of(contents) then error(READONLY, 0) end
    return setmetatable(contents, ...)
end

-- A failed command is a table with its text; what catches it is given the text alone.
local function caught(done, problem, ...)
    if done then return done, problem, ... end
    if is_of_host(problem) or asked >= HOOKS then error(problem, 0) end
    if type(problem) == "table" and type(problem.err) == "string" then problem = problem.err end
    return done, problem
end

local function told(problem)
    if is_of_host(problem) then return of_host(problem) end
    return type(problem) == "string" and gsub(problem, OUR_PLACE, "") or problem
end

function globals.pcall(what, ...)
    local given, count = {...}, select("#", ...)
    return caught(xpcall(function() return what(unpack(given, 1, count)) end, told))
end

function globals.xpcall(what, handle)
    return caught(xpcall(what, function(problem) return handle(told(problem)) end))
end

local function missing(name)
    -- Two levels up: past the look into the table.
    error(format("Script attempted to access nonexistent global variable '%s'", tostring(name)), 3)
end

local function environment(keys, arguments)
    local contents = {KEYS = keys, ARGV = arguments}
    for name, value in pairs(globals) do contents[name] = value end
    local shown = readonly(contents, missing)
    contents._G, now_shown, now_behind = shown, shown, contents
    local function chunk(text, name)
        if text:sub(1, 1) == BINARY then return end
        local loaded, problem = loadstring(text, name)
        if not loaded then return nil, problem end
        return setfenv(loaded, shown)
    end
    contents.loadstring = chunk
    function contents.load(pieces, name)
        local parts = {}
        for piece in pieces do
            if piece == "" then break end
            if #parts == 0 and piece:sub(1, 1) == BINARY then return end
            parts[#parts + 1] = piece
        end
        return chunk(concat(parts), name or "=(load)")
    end
    return shown
end

getmetatable("").__metatable = {__index = globals.string}

-- Run a script; return whether it came to its end, and its result or what it failed with.
local function run(chunk, keys, arguments)
    asked = 0
    setfenv(chunk, environment(keys, arguments))
    local done, result = xpcall(watched(chunk), explained)
    sethook()
    now_shown, now_behind = nil, nil
    if not done and is_of_host(result) then error(result, 0) end
    return done, result
end

local function compile(text) return loadstring(text, SOURCE) end

return {compile = compile, run = run, rawget = rawget, type = type, tostring = tostring}
