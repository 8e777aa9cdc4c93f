namespace QuickPay.Sessions;

/// <summary>
/// Each change of a session is one script, so that it happens whole or not at all and in one order for all servers. Some touch the
/// keys of a member's other sessions, which they can only name once they have read the member's set: that needs one Redis primary
/// (with replicas), not a Redis Cluster.
/// </summary>
internal static class SessionScripts
{
    /// <summary>
    /// KEYS session, refresh, member-sessions; ARGV sid, member bytes, family digest, token digest, device, now, idle ms, refresh ms,
    /// devices max. Forgets what has expired and drops the oldest sessions to make room.
    /// </summary>
    public const string Open = $$"""
        local function drop(sid)
          redis.call('DEL', '{{SessionKeys.SessionPrefix}}' .. sid, '{{SessionKeys.RefreshPrefix}}' .. sid)
          redis.call('ZREM', KEYS[3], sid)
        end
        for _, sid in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
          if redis.call('EXISTS', '{{SessionKeys.RefreshPrefix}}' .. sid) == 0 then drop(sid) end
        end
        local over = redis.call('ZCARD', KEYS[3]) + 1 - tonumber(ARGV[9])
        if over > 0 then
          for _, sid in ipairs(redis.call('ZRANGE', KEYS[3], 0, over - 1)) do drop(sid) end
        end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[7])
        redis.call('HSET', KEYS[2], 'family', ARGV[3], 'token', ARGV[4], 'device', ARGV[5], 'created', ARGV[6], 'seen', ARGV[6])
        redis.call('PEXPIRE', KEYS[2], ARGV[8])
        redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1])
        redis.call('PEXPIRE', KEYS[3], ARGV[8])
        """;

    /// <summary>
    /// KEYS session, refresh, member-sessions; ARGV sid, member bytes, family digest, old token digest, new token digest, now, idle ms,
    /// refresh ms. Answers a <see cref="Rotation"/>. A remembered PIN survives, since a living session's value is left as it is.
    /// </summary>
    public const string Rotate = """
        local kept = redis.call('HMGET', KEYS[2], 'family', 'token', 'created')
        if not kept[1] then return 0 end
        if kept[1] ~= ARGV[3] then return 1 end
        if kept[2] ~= ARGV[4] then
          redis.call('DEL', KEYS[1], KEYS[2])
          redis.call('ZREM', KEYS[3], ARGV[1])
          return 2
        end
        redis.call('HSET', KEYS[2], 'token', ARGV[5], 'seen', ARGV[6])
        redis.call('PEXPIRE', KEYS[2], ARGV[8])
        if redis.call('PEXPIRE', KEYS[1], ARGV[7]) == 0 then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[7]) end
        redis.call('ZADD', KEYS[3], kept[3], ARGV[1])
        redis.call('PEXPIRE', KEYS[3], ARGV[8])
        return 3
        """;

    /// <summary>KEYS session, refresh, member-sessions; ARGV sid. 0 when the session is not this member's, or not any more.</summary>
    public const string Revoke = """
        if redis.call('ZREM', KEYS[3], ARGV[1]) == 0 then return 0 end
        redis.call('DEL', KEYS[1], KEYS[2])
        return 1
        """;

    /// <summary>KEYS session, refresh, session, refresh, …; ARGV now, idle ms. Prolongs the living; a revoked session stays dead.</summary>
    public const string Renew = """
        for i = 1, #KEYS, 2 do
          if redis.call('PEXPIRE', KEYS[i], ARGV[2]) == 1 and redis.call('EXISTS', KEYS[i + 1]) == 1 then
            redis.call('HSET', KEYS[i + 1], 'seen', ARGV[1])
          end
        end
        """;

    /// <summary>KEYS member-sessions. Four values a session: sid, device, created, seen; the newest first.</summary>
    public const string List = $$"""
        local found = {}
        for _, sid in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
          local kept = redis.call('HMGET', '{{SessionKeys.RefreshPrefix}}' .. sid, 'device', 'created', 'seen')
          if kept[2] then
            for _, value in ipairs({ sid, kept[1], kept[2], kept[3] }) do found[#found + 1] = value end
          end
        end
        return found
        """;

    /// <summary>KEYS session; ARGV <see cref="SessionValue.PinPart"/>. Writes it in place, if the session lives.</summary>
    public const string RememberPin = """
        if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SETRANGE', KEYS[1], 16, ARGV[1]) end
        """;

    /// <summary>KEYS member-sessions. Sets the expiry of every remembered PIN of the member to zero.</summary>
    public const string ForgetPins = $$"""
        for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          local key = '{{SessionKeys.SessionPrefix}}' .. sid
          if redis.call('STRLEN', key) > 16 then redis.call('SETRANGE', key, 16, string.rep('\0', 8)) end
        end
        """;
}
