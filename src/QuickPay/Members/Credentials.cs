using Npgsql;
using NpgsqlTypes;
using QuickPay.Postgres;

namespace QuickPay.Members;

/// <summary>What a member proves themselves with.</summary>
internal enum CredentialKind : short
{
    /// <summary>For logging in.</summary>
    Password = 1,

    /// <summary>For sending money.</summary>
    Pin = 2,

    /// <summary>For an operator's log-in; in a table of their own.</summary>
    Operator = 3,
}

/// <summary>What became of an attempt at a member's password or PIN.</summary>
internal enum Attempt
{
    /// <summary>It was right; the count of wrong ones starts anew.</summary>
    Right,

    /// <summary>It was wrong, and counted.</summary>
    Wrong,

    /// <summary>Too many wrong ones: it was not even looked at.</summary>
    Locked,
}

/// <summary>
/// Passwords and PINs: slow hashes, and the count of wrong attempts, which PostgreSQL keeps so that all servers agree.
/// An attempt is counted <b>before</b> it is verified and taken back when it was right: however many come in parallel, no more are
/// ever verified than the count allows. One whose count the standby may lack is not verified either (<see cref="CommitUnknownException"/>): a
/// failover would give it back. From the fifth wrong one in a row on, each locks: 1 minute, then twice as long, up to an hour. A standby cannot
/// count; there <see cref="StandbyTries"/> does.
/// </summary>
internal sealed class Credentials(NpgsqlDataSource dataSource, PersonalDataKeys keys, StandbyWatch standby, StandbyTries standbyTries)
{
    /// <summary>Longest password; anything longer is refused before it gets here.</summary>
    public const int SecretLengthMax = 128;

    /// <summary>One attempt more, and what follows from it.</summary>
    internal const string CountOne = """
        failures = failures + 1,
        locked_until = CASE WHEN failures + 1 >= 5
                            THEN clock_timestamp() + least(interval '1 minute' * power(2, least(failures - 4, 10)), interval '1 hour')
                       END
        """;

    /// <summary>What an unknown name costs the database, so that it takes as long as a known one: one small durable commit.</summary>
    internal const string AsIfCounted = "SELECT pg_logical_emit_message(true, 'quickpay', 'attempt')";

    private const string CountAttempt = $"""
        UPDATE credentials SET {CountOne}
         WHERE member_id = $1 AND kind = $2 AND (locked_until IS NULL OR locked_until <= clock_timestamp())
        RETURNING hash
        """;

    private const string LockedFor =
        "SELECT extract(epoch FROM locked_until - clock_timestamp())::float8 FROM credentials WHERE member_id = $1 AND kind = $2";

    private const string TakeBack = "UPDATE credentials SET failures = 0, locked_until = NULL WHERE member_id = $1 AND kind = $2";

    private readonly string _nobody = SlowHash.Make(new byte[32]);

    /// <summary>The string to store for a new password or PIN.</summary>
    public Task<string> HashAsync(Guid member, CredentialKind kind, string secret) =>
        SlowHashPool.Worker.RunAsync(() =>
        {
            Span<byte> peppered = stackalloc byte[32];
            keys.Pepper(member, kind, secret, peppered);
            return SlowHash.Make(peppered);
        });

    /// <summary>
    /// Counts, verifies, takes back. The caller holds a worker of <see cref="SlowHashPool"/>: attempts that wait are not counted, and
    /// no more than a few are ever counted at once, so that a member's own parallel right attempts do not lock them out.
    /// </summary>
    public async Task<(Attempt Outcome, TimeSpan RetryAfter)> TryAsync(Guid member, CredentialKind kind, string secret)
    {
        // Of one attempt: a promotion between counting and taking back leaves a count that is only too high.
        var isStandby = standby.IsStandby;
        var (stored, lockedFor) = isStandby ? await standbyTries.CountAsync(member, kind) : await CountAsync(member, kind);
        if (stored is null)
        {
            return (Attempt.Locked, TimeSpan.FromSeconds(Math.Max(Math.Ceiling(lockedFor.TotalSeconds), 1)));
        }

        if (!await VerifyAsync(stored, member, kind, secret))
        {
            return (Attempt.Wrong, default);
        }

        await (isStandby ? standbyTries.TakeBackAsync(member, kind) : ScalarAsync<object>(TakeBack, member, kind));
        return (Attempt.Right, default);
    }

    /// <summary>As much work as a wrong attempt at a known member.</summary>
    public async Task TryNobodyAsync(string secret)
    {
        await (standby.IsStandby ? standbyTries.CountNobodyAsync() : ScalarAsync(AsIfCounted));
        await VerifyAsync(_nobody, Guid.Empty, CredentialKind.Password, secret);
    }

    /// <summary>Stores a new member's hash inside their sign-up.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        Guid member,
        CredentialKind kind,
        string hash,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO credentials (member_id, kind, hash) VALUES ($1, $2, $3)",
            connection,
            transaction
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = member });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<(string? Hash, TimeSpan LockedFor)> CountAsync(Guid member, CredentialKind kind)
    {
        if (await ScalarAsync<string>(CountAttempt, member, kind) is { } hash)
        {
            return (hash, default);
        }
        var seconds = await ScalarAsync<object>(LockedFor, member, kind) as double? ?? 0;
        return (null, TimeSpan.FromSeconds(seconds));
    }

    private Task<bool> VerifyAsync(string stored, Guid member, CredentialKind kind, string secret) =>
        SlowHashPool.Worker.RunAsync(() =>
        {
            Span<byte> peppered = stackalloc byte[32];
            keys.Pepper(member, kind, secret, peppered);
            return SlowHash.Verify(stored, peppered);
        });

    // No cancellation: a member who hangs up must not get a try that is verified and not counted, or counted and not taken back.
    private async Task<T?> ScalarAsync<T>(string sql, Guid member, CredentialKind kind)
        where T : class =>
        await ScalarAsync(
            sql,
            new NpgsqlParameter<Guid> { TypedValue = member },
            new NpgsqlParameter<short> { TypedValue = (short)kind, NpgsqlDbType = NpgsqlDbType.Smallint }
        ) as T;

    private async Task<object?> ScalarAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var connection = await dataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await Commits.ScalarAsync(command);
    }
}
