using Npgsql;
using NpgsqlTypes;
using QuickPay.Money;

namespace QuickPay.Accounts;

/// <summary>An account as its owner sees it, without its balance.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Number">12 digits, the last one a Luhn check digit.</param>
public sealed record Account(Guid Id, string Number, Currency Currency, AccountStatus Status);

/// <summary>Opens wallets.</summary>
public static class AccountOpening
{
    private const string Sql = """
        WITH opened AS (
            INSERT INTO accounts (id, number, owner_id, kind, currency, created_at) VALUES ($1, $2, $3, 1, $4, $6) RETURNING id
        )
        INSERT INTO balances (account_id, owner_id, balance, held, version, floor, day_sent, day, tier, status, currency)
        SELECT id, $3, 0, 0, 0, 0, 0, '2000-01-01', $5, 1, $4 FROM opened
        """;

    /// <summary>Opens an empty wallet inside the caller's own transaction.</summary>
    public static async Task<Account> OpenWalletAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        Guid ownerId,
        Tier tier,
        Currency currency,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var next = new NpgsqlCommand("SELECT nextval('account_numbers')", connection, transaction);
        var number = AccountNumber.FromSequence((long)(await next.ExecuteScalarAsync(cancellationToken))!);
        var account = new Account(Guid.CreateVersion7(now), number, currency, AccountStatus.Active);

        await using var open = new NpgsqlCommand(Sql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = account.Id },
                new NpgsqlParameter<string> { TypedValue = account.Number },
                new NpgsqlParameter<Guid> { TypedValue = ownerId },
                new NpgsqlParameter<short> { TypedValue = (short)currency },
                new NpgsqlParameter<short> { TypedValue = (short)tier },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
        await open.ExecuteNonQueryAsync(cancellationToken);
        return account;
    }
}
