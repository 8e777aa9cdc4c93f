using System.Data;
using Npgsql;
using QuickPay.Cli.Drills.History;
using QuickPay.Ledger;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// Reads what a ledger holds, straight from its PostgreSQL: the primary that is left. What a drill did is told from what was there before by
/// the accounts' versions, not by any clock.
/// </summary>
/// <param name="connectionString">Of somebody who may read every table.</param>
public sealed class BooksReader(string connectionString)
{
    private const int TimeoutSeconds = 60;

    private const string Balances = """
        SELECT b.account_id, b.balance, b.held, b.version, b.floor
        FROM unnest($1) WITH ORDINALITY AS wanted (account, place) JOIN balances b ON b.account_id = wanted.account
        ORDER BY wanted.place
        """;

    // By the two indexes on an account's versions. Between two members a row is found twice, and UNION keeps one.
    private const string Transfers = """
        SELECT t.id, t.debit_account, t.credit_account, t.amount, t.debit_version, t.debit_balance, t.debit_held,
            t.credit_version, t.credit_balance, t.credit_held
        FROM unnest($1, $2) AS known (account, version)
        JOIN transfers t ON t.debit_account = known.account AND t.debit_version > known.version
        UNION
        SELECT t.id, t.debit_account, t.credit_account, t.amount, t.debit_version, t.debit_balance, t.debit_held,
            t.credit_version, t.credit_balance, t.credit_held
        FROM unnest($1, $2) AS known (account, version)
        JOIN transfers t ON t.credit_account = known.account AND t.credit_version > known.version AND t.credit_version > 0
        ORDER BY 1
        """;

    private const string Owners = "SELECT id, owner_id FROM accounts WHERE id = ANY($1)";

    private const string Outcomes = "SELECT key_digest, outcome_id FROM idempotency_keys WHERE key_digest = ANY($1)";

    // Each currency has to balance by itself: the one that is furthest off speaks for all.
    private const string Sum = """
        SELECT coalesce((SELECT sum(balance)::bigint FROM balances GROUP BY currency ORDER BY abs(sum(balance)) DESC LIMIT 1), 0)
        """;

    /// <summary>Where the accounts stand, before a drill's first operation.</summary>
    /// <exception cref="InvalidOperationException">There is no such account.</exception>
    public async Task<IReadOnlyList<AccountBalance>> ReadBalancesAsync(IReadOnlyList<Guid> accounts, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await BalancesAsync(connection, accounts, cancellationToken);
    }

    /// <summary>All of it at one moment, after the drill.</summary>
    /// <param name="before">Where the members' accounts stood.</param>
    /// <param name="operations">Whose keys say which row is whose.</param>
    /// <param name="run">Stands in those keys (<see cref="TrafficOptions.Run"/>).</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<FinalBooks> ReadAsync(
        IReadOnlyList<AccountBalance> before,
        IEnumerable<Operation> operations,
        string run,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var after = await BalancesAsync(connection, [.. before.Select(account => account.Account)], cancellationToken);
        var outcomes = await OutcomesAsync(connection, before, operations, run, cancellationToken);
        var transfers = await TransfersAsync(connection, before, outcomes, cancellationToken);
        await using var sum = Command(connection, Sum);
        return new FinalBooks(before, after, transfers, (long)(await sum.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>What the ledger keeps under each operation's key: the id of what became of it, with the operation's number.</summary>
    private static async Task<Dictionary<Guid, long>> OutcomesAsync(
        NpgsqlConnection connection,
        IReadOnlyList<AccountBalance> members,
        IEnumerable<Operation> operations,
        string run,
        CancellationToken cancellationToken
    )
    {
        var owners = await PairsAsync(connection, Owners, [.. members.Select(member => member.Account)], cancellationToken);
        var numbers = operations
            .Where(operation => operation.Kind == OperationKind.Transfer)
            .ToDictionary(
                operation => RequestDigest.OfKey(owners[operation.From], "send", DrillTraffic.KeyOf(run, operation.Number)),
                o => o.Number
            );
        var outcomes = await PairsAsync(connection, Outcomes, [.. numbers.Keys], cancellationToken);
        return outcomes.ToDictionary(outcome => outcome.Value, outcome => numbers[outcome.Key]);
    }

    private static async Task<Dictionary<Guid, Guid>> PairsAsync(
        NpgsqlConnection connection,
        string sql,
        Guid[] ids,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, sql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var pairs = new Dictionary<Guid, Guid>(ids.Length);
        while (await rows.ReadAsync(cancellationToken))
            pairs.Add(rows.GetGuid(0), rows.GetGuid(1));
        return pairs;
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task<IReadOnlyList<AccountBalance>> BalancesAsync(
        NpgsqlConnection connection,
        IReadOnlyList<Guid> accounts,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, Balances);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. accounts] });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var balances = new List<AccountBalance>(accounts.Count);
        while (await rows.ReadAsync(cancellationToken))
            balances.Add(new AccountBalance(rows.GetGuid(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4)));
        return balances.Count == accounts.Count
            ? balances
            : throw new InvalidOperationException($"The ledger has {balances.Count} of {accounts.Count} accounts.");
    }

    private static async Task<IReadOnlyList<PostedTransfer>> TransfersAsync(
        NpgsqlConnection connection,
        IReadOnlyList<AccountBalance> before,
        Dictionary<Guid, long> outcomes,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, Transfers);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. before.Select(account => account.Account)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. before.Select(account => account.Version)] });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var transfers = new List<PostedTransfer>();
        while (await rows.ReadAsync(cancellationToken))
            transfers.Add(
                new PostedTransfer(
                    rows.GetGuid(0),
                    outcomes.TryGetValue(rows.GetGuid(0), out var number) ? number : null,
                    rows.GetGuid(1),
                    rows.GetGuid(2),
                    rows.GetInt64(3),
                    rows.GetInt64(4),
                    rows.GetInt64(5),
                    rows.GetInt64(6),
                    rows.GetInt64(7),
                    rows.GetInt64(8),
                    rows.GetInt64(9)
                )
            );
        return transfers;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
        new(sql, connection) { CommandTimeout = TimeoutSeconds };
}
