using Npgsql;
using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Members;

/// <summary>
/// Attempts at passwords where the database is a standby and takes no counts: Redis counts them instead, by the same rule
/// (<see cref="Credentials"/>), and what the first region has locked stays locked. The two counts are two, so whoever guesses has five tries
/// more; from the promotion on this one is not asked, and it ends a day after the last try.
/// </summary>
internal sealed class StandbyTries(RedisConnection redis, NpgsqlDataSource dataSource)
{
    private const string Prefix = "qp:v1:tries:";

    /// <summary>KEYS tries. Milliseconds for which it is locked, or 0 and one try more. Forgotten a day after the last one.</summary>
    private const string Count = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local locked = tonumber(redis.call('HGET', KEYS[1], 'locked') or '0')
        if locked > now then return locked - now end
        local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
        if failures >= 5 then
          redis.call('HSET', KEYS[1], 'locked', string.format('%.0f', now + math.min(60000 * 2 ^ math.min(failures - 5, 10), 3600000)))
        end
        redis.call('PEXPIRE', KEYS[1], 86400000)
        return 0
        """;

    private const string Forget = "redis.call('DEL', KEYS[1])";

    private const string HashSql = """
        SELECT hash, greatest(extract(epoch FROM locked_until - clock_timestamp()), 0)::float8
        FROM credentials WHERE member_id = $1 AND kind = $2
        """;

    /// <summary>Counts one. Throws what <see cref="RedisConnection.IsUnavailable"/> knows when it may be lost again: then nothing is verified.</summary>
    /// <returns>What to verify against, or for how long it is locked.</returns>
    public async Task<(string? Hash, TimeSpan LockedFor)> CountAsync(Guid member, CredentialKind kind)
    {
        var milliseconds = (long)await redis.ChangeAsync(Count, [KeyOf(member, kind)], []);
        return milliseconds > 0 ? (null, TimeSpan.FromMilliseconds(milliseconds)) : await ReadAsync(member, kind);
    }

    /// <summary>As much work as counting one, and nothing is kept: strangers' numbers must not fill Redis.</summary>
    public async Task CountNobodyAsync()
    {
        await TakeBackAsync(Guid.Empty, CredentialKind.Password);
        await ReadAsync(Guid.Empty, CredentialKind.Password);
    }

    /// <summary>It was right: the count starts anew.</summary>
    public Task TakeBackAsync(Guid member, CredentialKind kind) => redis.ChangeAsync(Forget, [KeyOf(member, kind)], []);

    private async Task<(string? Hash, TimeSpan LockedFor)> ReadAsync(Guid member, CredentialKind kind)
    {
        await using var command = dataSource.CreateCommand(HashSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = member });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        if (!await reader.ReadAsync(CancellationToken.None))
        {
            return (null, default);
        }
        var lockedFor = reader.IsDBNull(1) ? 0 : reader.GetDouble(1);
        return lockedFor > 0 ? (null, TimeSpan.FromSeconds(lockedFor)) : (reader.GetString(0), default);
    }

    private static RedisKey KeyOf(Guid member, CredentialKind kind) => $"{Prefix}{(short)kind}:{member}";
}
