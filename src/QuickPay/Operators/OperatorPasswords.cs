using Npgsql;
using QuickPay.Members;
using QuickPay.Postgres;

namespace QuickPay.Operators;

/// <summary>A log-in's outcome. <see cref="OperatorId"/> is empty when nobody has that name, <see cref="RetryAfter"/> is for a locked one.</summary>
public readonly record struct OperatorCheck(LoginOutcome Outcome, Guid OperatorId = default, TimeSpan RetryAfter = default);

/// <summary>
/// Checks an operator's password as a member's is checked: counted before it is verified and taken back when it was right, on the bounded
/// pool of slow hashes, locked from the fifth wrong one in a row on, and for an unknown or disabled name with as much work as for a known one.
/// </summary>
public sealed class OperatorPasswords
{
    private const string FindSql = "SELECT id FROM operators WHERE name = $1 AND disabled_at IS NULL";

    private const string CountSql = $"""
        UPDATE operators SET {Credentials.CountOne}
        WHERE id = $1 AND disabled_at IS NULL AND (locked_until IS NULL OR locked_until <= clock_timestamp()) RETURNING hash
        """;

    private const string LockedForSql = "SELECT extract(epoch FROM locked_until - clock_timestamp())::float8 FROM operators WHERE id = $1";
    private const string TakeBackSql = "UPDATE operators SET failures = 0, locked_until = NULL WHERE id = $1";

    private readonly NpgsqlDataSource _dataSource;
    private readonly PersonalDataKeys _keys;
    private readonly SlowHashPool _pool;
    private readonly string _nobody = SlowHash.Make(new byte[32]);

    public OperatorPasswords(NpgsqlDataSource dataSource, PersonalDataKeys keys, SlowHashPool pool) =>
        (_dataSource, _keys, _pool) = (dataSource, keys, pool);

    /// <summary>Takes a name that <see cref="OperatorDirectory.IsName"/> and a password of no more than the longest.</summary>
    public async Task<OperatorCheck> CheckAsync(string name, string password, CancellationToken cancellationToken)
    {
        using var worker = await _pool.EnterAsync(cancellationToken);
        if (worker is null)
        {
            return new OperatorCheck(LoginOutcome.Overloaded);
        }
        if (await ScalarAsync(FindSql, new NpgsqlParameter<string> { TypedValue = name }) is not Guid id)
        {
            await ScalarAsync(Credentials.AsIfCounted);
            await VerifyAsync(_keys, _nobody, Guid.Empty, password);
            return new OperatorCheck(LoginOutcome.Wrong);
        }
        if (await ScalarAsync(CountSql, Id(id)) is not string hash)
        {
            var seconds = await ScalarAsync(LockedForSql, Id(id)) as double? ?? 0;
            return new OperatorCheck(LoginOutcome.Locked, id, RetryAfter: TimeSpan.FromSeconds(Math.Max(Math.Ceiling(seconds), 1)));
        }
        if (!await VerifyAsync(_keys, hash, id, password))
        {
            return new OperatorCheck(LoginOutcome.Wrong, id);
        }
        await ScalarAsync(TakeBackSql, Id(id));
        return new OperatorCheck(LoginOutcome.Ok, id);
    }

    /// <summary>The string to store for a new password.</summary>
    internal static Task<string> HashAsync(PersonalDataKeys keys, Guid id, string password) =>
        SlowHashPool.Worker.RunAsync(() =>
        {
            Span<byte> peppered = stackalloc byte[32];
            keys.Pepper(id, CredentialKind.Operator, password, peppered);
            return SlowHash.Make(peppered);
        });

    private static Task<bool> VerifyAsync(PersonalDataKeys keys, string stored, Guid id, string password) =>
        SlowHashPool.Worker.RunAsync(() =>
        {
            Span<byte> peppered = stackalloc byte[32];
            keys.Pepper(id, CredentialKind.Operator, password, peppered);
            return SlowHash.Verify(stored, peppered);
        });

    private static NpgsqlParameter<Guid> Id(Guid id) => new() { TypedValue = id };

    // No cancellation: whoever hangs up must not get a try that is verified and not counted, or counted and not taken back.
    private async Task<object?> ScalarAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await Commits.ScalarAsync(command);
    }
}
