namespace QuickPay.Edge.Limits;

/// <summary>The shared log of leases: a Redis list for each limit and subject, <c>rate:v1:{limit}:{hash of the subject}</c>.</summary>
internal static class LeaseScript
{
    public const string KeyPrefix = "rate:v1:";

    /// <summary>Values in an answer for each key: granted, used, microseconds until the oldest lease leaves the window.</summary>
    public const int AnswerValues = 3;

    /// <summary>
    /// KEYS logs; ARGV for each: leases a window, window in microseconds, leases wanted. By Redis' own clock, so that edges agree.
    /// Nothing of it goes to the append-only file or to replicas: with <c>appendfsync always</c>, which sessions need, each lease would
    /// be a disk write, and a window that is lost with its server is forgotten in a minute anyway. So that the file hears nothing of
    /// expiry on the hot path either, a log outlives its window by a second, and the script itself drops what has left it.
    /// </summary>
    public const string Take = """
        redis.set_repl(redis.REPL_NONE)
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local answer = {}
        for i, key in ipairs(KEYS) do
          local max, window, wanted = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
          local oldest = redis.call('LINDEX', key, 0)
          while oldest and now - oldest >= window do
            redis.call('LPOP', key)
            oldest = redis.call('LINDEX', key, 0)
          end
          local used = oldest and redis.call('LLEN', key) or 0
          local granted = math.max(0, math.min(wanted, max - used))
          for _ = 1, granted do redis.call('RPUSH', key, string.format('%.0f', now)) end
          if granted > 0 then redis.call('PEXPIRE', key, window / 1000 + 1000) end
          answer[3 * i - 2] = granted
          answer[3 * i - 1] = used + granted
          answer[3 * i] = (oldest or now) + window - now
        end
        return answer
        """;
}
