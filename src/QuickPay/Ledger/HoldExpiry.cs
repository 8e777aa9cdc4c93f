using Npgsql;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>
/// Returns holds whose time ran out, through the posting engine like everything that moves money. Each hold has its own key, so any
/// number of workers may do this at once and each hold returns once.
/// </summary>
public sealed class HoldExpiry(NpgsqlDataSource dataSource, PostingEngine engine)
{
    private const int BatchMax = 500;

    private const string DueSql = """
        SELECT h.transfer_id, h.debit_account, h.credit_account, h.amount, a.currency
        FROM holds h JOIN accounts a ON a.id = h.debit_account
        WHERE h.expires_at <= clock_timestamp() ORDER BY h.expires_at LIMIT $1
        """;

    /// <summary>Expires a batch of what is due.</summary>
    /// <returns>How many were due; as many as the maximum means that there may be more.</returns>
    public async Task<(int Due, int Expired)> ExpireDueAsync(CancellationToken cancellationToken)
    {
        var due = await ReadDueAsync(cancellationToken);
        var outcomes = await Task.WhenAll(due.Select(engine.PostAsync));
        return (due.Count, outcomes.Count(outcome => outcome.Status == PostingStatus.Posted));
    }

    private async Task<List<PostingRequest>> ReadDueAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(DueSql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchMax });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<PostingRequest>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var holdId = reader.GetGuid(0);
            due.Add(
                new PostingRequest
                {
                    KeyDigest = new RequestDigest("key").Add(Guid.Empty).Add("expire").Add(holdId).Finish(),
                    RequestDigest = new RequestDigest("expire").Add(holdId).Finish(),
                    Kind = TransferKind.Expire,
                    DebitAccount = reader.GetGuid(1),
                    CreditAccount = reader.GetGuid(2),
                    Amount = reader.GetInt64(3),
                    Currency = (Currency)reader.GetInt16(4),
                    OwnerSide = OwnerSide.House,
                    HoldId = holdId,
                }
            );
        }
        return due;
    }
}
