using Npgsql;
using QuickPay.Bench.Proof;
using QuickPay.Ledger;
using static System.FormattableString;

namespace QuickPay.Bench.Reads;

/// <summary>The worker's reconciliation, at once: every balance from its transfers.</summary>
internal static class Books
{
    public static async Task<ProofCheck> CheckAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var report = await new Reconciliation(database).RunAsync(cancellationToken);
        return new ProofCheck(
            "every balance is the sum of its transfers",
            report.Balances,
            report.Balances ? Invariant($"{report.Accounts:N0} accounts") : report.Discrepancies[0]
        );
    }
}
