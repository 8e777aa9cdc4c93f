using Npgsql;
using QuickPay.Money;
using QuickPay.Postgres;

namespace QuickPay.Accounts;

/// <summary>What an account contained at one moment.</summary>
/// <param name="Timeline">Of the primary that was read.</param>
/// <param name="Lsn">Where its log stood, at or past the balance's own commit.</param>
/// <param name="IsFromStandby">Of a second region: no cache keeps it.</param>
public sealed record AccountBalance(
    Guid AccountId,
    long Balance,
    long Held,
    long Version,
    Currency Currency,
    DateTime AsOf,
    uint Timeline,
    ulong Lsn,
    bool IsFromStandby = false
)
{
    /// <summary>What may be spent.</summary>
    public long Available => Balance - Held;
}

/// <summary>
/// Reads accounts from the primary, or in a second region from the standby there. Another member's account reads like one that does not exist.
/// </summary>
/// <param name="dataSource">Where.</param>
/// <param name="standby">Null: it is a primary.</param>
public sealed class AccountReader(NpgsqlDataSource dataSource, StandbyWatch? standby = null)
{
    internal const string BalanceSql = """
        SELECT balance, held, version, currency, clock_timestamp(), pg_current_wal_lsn(),
               ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
        FROM balances WHERE account_id = $1 AND owner_id = $2
        """;

    /// <summary>Of either; a statement of its own, so that a server that has lost its place as the primary answers the other with an error.</summary>
    internal const string StandbyBalanceSql = $"""
        SELECT balance, held, version, currency, {LogPlace.AsOf}, {LogPlace.Lsn}, {LogPlace.Timeline}
        FROM balances WHERE account_id = $1 AND owner_id = $2
        """;

    private readonly string _balanceSql = standby is { MayBe: true } ? StandbyBalanceSql : BalanceSql;

    /// <summary>The wallets of a member, the oldest first; 100 at most.</summary>
    public async Task<IReadOnlyList<Account>> ListAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT a.id, a.number, a.currency, b.status FROM accounts a JOIN balances b ON b.account_id = a.id
            WHERE a.owner_id = $1 AND a.kind = 1 ORDER BY a.created_at LIMIT 100
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ownerId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<Account>();
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(
                new Account(reader.GetGuid(0), reader.GetString(1), (Currency)reader.GetInt16(2), (AccountStatus)reader.GetInt16(3))
            );
        }
        return accounts;
    }

    /// <summary>Null when there is no such account of <paramref name="ownerId"/>; one statement either way.</summary>
    public async Task<AccountBalance?> BalanceAsync(Guid accountId, Guid ownerId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(_balanceSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = accountId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ownerId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        var isFromStandby = reader.IsDBNull(6);
        return new AccountBalance(
            accountId,
            reader.GetInt64(0),
            reader.GetInt64(1),
            reader.GetInt64(2),
            (Currency)reader.GetInt16(3),
            reader.GetDateTime(4),
            isFromStandby ? standby!.Timeline : (uint)reader.GetInt64(6),
            (ulong)reader.GetFieldValue<NpgsqlTypes.NpgsqlLogSequenceNumber>(5),
            isFromStandby
        );
    }

    /// <summary>The account that carries a number; null if none does.</summary>
    public async Task<Guid?> FindByNumberAsync(string number, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT id FROM accounts WHERE number = $1 AND kind = 1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = number });
        return (Guid?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
