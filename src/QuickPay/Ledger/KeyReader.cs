using Npgsql;

namespace QuickPay.Ledger;

/// <summary>Looks idempotency keys up outside of a batch.</summary>
public sealed class KeyReader(NpgsqlDataSource dataSource)
{
    private const string Sql = "SELECT EXISTS (SELECT 1 FROM idempotency_keys WHERE key_digest = $1 AND request_digest = $2)";

    /// <summary>
    /// True if this very request was decided under this key: the engine will then answer it as the first time, whatever else comes with
    /// it. A decision that is just being committed does not show yet.
    /// </summary>
    public async Task<bool> IsDecidedAsync(Guid keyDigest, Guid requestDigest, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = keyDigest });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = requestDigest });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
