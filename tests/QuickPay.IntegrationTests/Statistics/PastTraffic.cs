using System.Globalization;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>A row as the books have it, for computing everything once more, from scratch.</summary>
internal sealed record BookedRow(
    Guid Debit,
    Guid Credit,
    long Amount,
    TransferKind Kind,
    Currency Currency,
    DateTime CreatedAt,
    Guid? DebitOwner,
    Guid? CreditOwner
)
{
    public bool MovesMoney =>
        Kind is TransferKind.Transfer or TransferKind.Deposit or TransferKind.Withdrawal or TransferKind.Fee or TransferKind.Capture;

    public bool IsBetweenMembers => Kind is TransferKind.Transfer or TransferKind.Capture;

    public DateTime Hour => CreatedAt.Date.AddHours(CreatedAt.Hour);

    public DateOnly Day => LedgerDay.Of(CreatedAt);
}

/// <summary>Random traffic through the real engine, with holds that are captured, in part too, cancelled and left open; then moved into the past.</summary>
internal sealed class PastTraffic(LedgerBank bank, TestDatabase database, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<Transfer> _holds = [];

    public List<Wallet> Wallets { get; } = [];

    public static async Task<PastTraffic> BeginAsync(LedgerBank bank, TestDatabase database, int wallets = 6)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"The traffic's seed is {seed}.");
        var traffic = new PastTraffic(bank, database, seed);
        for (var n = 0; n < wallets; n++)
        {
            traffic.Wallets.Add(await bank.OpenWalletAsync(1_000_000, Tier.Load, n < wallets - 2 ? Currency.KRW : Currency.USD));
        }
        // Somebody has two wallets and is one member all the same.
        await database.DoAsync($"UPDATE accounts SET owner_id = '{traffic.Wallets[0].Owner}' WHERE id = '{traffic.Wallets[1].Id}'");
        return traffic;
    }

    public async Task GoesOnAsync(int requests)
    {
        for (var n = 0; n < requests; n++)
        {
            await RequestAsync();
        }
        await bank.ShouldBalanceAsync();
    }

    /// <summary>Moves every row so far, in its order: the first to a time, the others evenly over a span behind it. Their keys, which name them, are forgotten.</summary>
    public Task MoveAsync(DateTime from, TimeSpan over) =>
        new Superuser(database).DoAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SET session_replication_role = replica;
                DELETE FROM idempotency_keys;
                WITH placed AS (
                    SELECT id, '{from:O}'::timestamptz + (row_number() OVER (ORDER BY created_at, id) - 1) * interval '{over.TotalSeconds} s' / count(*) OVER () AS at
                    FROM transfers)
                UPDATE transfers t SET created_at = p.at, id = (left(uuid_v7_floor(p.at)::text, 14) || substr(t.id::text, 15))::uuid
                FROM placed p WHERE p.id = t.id
                """
            )
        );

    /// <summary>All rows.</summary>
    public async Task<List<BookedRow>> RowsAsync()
    {
        await using var command = bank.Owner.CreateCommand(
            """
            SELECT t.debit_account, t.credit_account, t.amount, t.kind, t.currency, t.created_at,
                   CASE WHEN d.kind = 1 THEN d.owner_id END, CASE WHEN c.kind = 1 THEN c.owner_id END
            FROM transfers t JOIN accounts d ON d.id = t.debit_account JOIN accounts c ON c.id = t.credit_account
            """
        );
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<BookedRow>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(
                new BookedRow(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetInt64(2),
                    (TransferKind)reader.GetInt16(3),
                    (Currency)reader.GetInt16(4),
                    reader.GetDateTime(5),
                    reader.IsDBNull(6) ? null : reader.GetGuid(6),
                    reader.IsDBNull(7) ? null : reader.GetGuid(7)
                )
            );
        }
        return rows;
    }

    private async Task RequestAsync()
    {
        var from = Wallets[_random.Next(Wallets.Count)];
        var others = Wallets.Where(wallet => wallet != from && wallet.Currency == from.Currency).ToList();
        var to = others[_random.Next(others.Count)];
        var amount = 1 + _random.Next(1_000);
        switch (_random.Next(10))
        {
            case 0:
                Posted(await bank.Engine.PostAsync(from.Deposit(amount)));
                break;
            case 1 or 2:
                _holds.Add(Posted(await from.HoldsAsync(amount, to)));
                break;
            case 3 or 4 when _holds.Count > 0:
                var hold = _holds[_random.Next(_holds.Count)];
                _holds.Remove(hold);
                var kind = _random.Next(3) == 0 ? TransferKind.Cancel : TransferKind.Capture;
                var part = kind == TransferKind.Capture && _random.Next(2) == 0 ? 1 + _random.NextInt64(hold.Amount) : 0;
                var owner = Wallets.Single(wallet => wallet.Id == hold.DebitAccount);
                Posted(await owner.ClosesAsync(kind, hold, kind == TransferKind.Cancel ? hold.Amount : part));
                break;
            default:
                Posted(await from.SendsAsync(amount, to));
                break;
        }
    }

    private static Transfer Posted(PostingOutcome outcome)
    {
        Assert.Equal(PostingStatus.Posted, outcome.Status);
        return outcome.Transfer!;
    }
}
