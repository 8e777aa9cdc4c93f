using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using QuickPay.Cli.Local;
using static QuickPay.Cli.Lab.LabReport;

namespace QuickPay.Cli.Lab;

/// <summary>One transfer through all tiers: from the member's request to the rows, and back to the balances that both members see.</summary>
internal sealed class TransferTrail(LocalStack stack, LabReport report, TimeProvider clock) : IDisposable
{
    private const string Tier = "transfer";
    private const long Deposited = 100_000;
    private const long Sent = 30_000;
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(5);
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(
        stack.Servers.Postgres.Connection(PostgresRoles.Api).ConnectionString
    );
    private readonly OutsideClient _kim = new(stack);
    private readonly OutsideClient _lee = new(stack);
    private readonly string _leesPhone = NewPhone();

    public void Dispose()
    {
        _kim.Dispose();
        _lee.Dispose();
        _postgres.Dispose();
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var (wallet, otherWallet, session) = ("", "", "");
        LabAnswer? sent = null;
        await StepAsync(
            "Two members join and log in through the edge; one puts money into her wallet",
            async () =>
            {
                (wallet, session) = await JoinAsync(_kim, NewPhone(), "김하나", cancellationToken);
                (otherWallet, _) = await JoinAsync(_lee, _leesPhone, "이두리", cancellationToken);
                var deposit = new { amount = Deposited, currency = "KRW" };
                var deposited = await _kim.PostAsync($"/v1/accounts/{wallet}/deposits", deposit, "lab-deposit", cancellationToken);
                return $"wallet {wallet} has {BalanceOf(deposited.Json)}";
            }
        );
        await StepAsync(
            "A transfer through the edge is answered with its request id",
            async () =>
            {
                sent = await SendAsync();
                Require(sent is { Status: 201, IsReplay: false, RequestId.Length: 32 }, $"{sent.Status}, request id {sent.RequestId}");
                return $"transfer {Text(sent.Json, "id")}, X-Request-Id {sent.RequestId}";
            }
        );
        await StepAsync(
            "PostgreSQL has its row: the debit and the credit at once",
            async () => await RowAsync(Text(Known(sent).Json, "id"), wallet, otherWallet, cancellationToken)
        );
        await StepAsync(
            "The same key again gets the same answer, and moves nothing",
            async () =>
            {
                var again = await SendAsync();
                Require(again.IsReplay && Text(again.Json, "id") == Text(Known(sent).Json, "id"), again.Json.ToJsonString());
                var rows = await AskAsync<long>("SELECT count(*) FROM transfers WHERE debit_account = $1", wallet, cancellationToken);
                Require(rows == 1, $"{rows} rows");
                return $"Idempotency-Replayed, {rows} row";
            }
        );
        // Not earlier: by now a second server would have written its line, too.
        await StepAsync(
            "Exactly one API server did it, under the same trace id",
            async () => await ServerOfAsync(Known(sent).RequestId!, cancellationToken)
        );
        await StepAsync(
            "Redis knows her session, and the API's user sees it",
            async () =>
            {
                var redis = stack.Servers.Redis.Connection(RedisUsers.Api);
                var name = $"qp:v1:session:{session}";
                var answers = await RedisProbe.AskAsync(redis, [RedisProbe.LogIn(redis), $"EXISTS {name}"], cancellationToken);
                Require(answers[1] == ":1", $"{name}: {answers[1]}");
                return name;
            }
        );
        await StepAsync(
            "Both see through the edge what PostgreSQL has",
            async () =>
            {
                var (left, arrived) = (await SeesAsync(_kim, wallet), await SeesAsync(_lee, otherWallet));
                Require((left, arrived) == (Deposited - Sent, Sent), $"{left} and {arrived}");
                return $"{Deposited} - {Sent} = {left}; {arrived} arrived";
            }
        );
        await StepAsync(
            "The sum of all balances is zero",
            async () =>
            {
                var sum = await AskAsync<decimal>("SELECT sum(balance) FROM balances", null, cancellationToken);
                Require(sum == 0, $"{sum}");
                var accounts = await AskAsync<long>("SELECT count(*) FROM balances WHERE version > 0", null, cancellationToken);
                return $"{sum} over {accounts} accounts that money went through";
            }
        );

        Task<LabAnswer> SendAsync() =>
            _kim.PostAsync(
                "/v1/transfers",
                new
                {
                    fromAccountId = wallet,
                    to = new { phone = _leesPhone },
                    amount = Sent,
                    currency = "KRW",
                    memo = "점심",
                },
                "lab-transfer",
                cancellationToken
            );

        async Task<long> SeesAsync(OutsideClient member, string account)
        {
            var seen = BalanceOf(await member.ReadAsync($"/v1/accounts/{account}/balance", cancellationToken));
            var row = await AskAsync<long>("SELECT balance FROM balances WHERE account_id = $1", account, cancellationToken);
            Require(seen == row, $"{account}: {seen} through the edge, {row} in PostgreSQL");
            return seen;
        }
    }

    private static string NewPhone() => $"+8210{RandomNumberGenerator.GetInt32(20_000_000, 100_000_000)}";

    private Task StepAsync(string promise, Func<Task<string>> look) => report.StepAsync(Tier, promise, look);

    private static async Task<(string Wallet, string Session)> JoinAsync(
        OutsideClient member,
        string phone,
        string name,
        CancellationToken cancellationToken
    )
    {
        const string Password = "correct horse battery";
        var signUp = new
        {
            phone,
            name,
            password = Password,
            pin = "493817",
        };
        await member.PostAsync("/v1/members", signUp, null, cancellationToken);
        var session = await member.PostAsync("/v1/sessions", new { phone, password = Password }, null, cancellationToken);
        member.AccessToken = Text(session.Json, "accessToken");
        var accounts = await member.ReadAsync("/v1/accounts", cancellationToken);
        return (Text(accounts["items"]![0]!, "id"), Text(session.Json, "sessionId"));
    }

    /// <summary>Which API server wrote a line for the request. Lines come a moment after the answer.</summary>
    private async Task<string> ServerOfAsync(string requestId, CancellationToken cancellationToken)
    {
        var servers = stack.Hosts.Where(host => host.Role == "api").ToList();
        var started = clock.GetTimestamp();
        while (true)
        {
            var found = servers.Where(server => HasLine(server.LogFile, requestId)).Select(server => server.Name).ToList();
            Require(found.Count <= 1, $"{string.Join(" and ", found)} did it");
            if (found is [var name])
                return $"{name}: a line with {requestId}";
            Require(clock.GetElapsedTime(started) < LogPatience, $"no line with {requestId} in the logs of {servers.Count} API servers");
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
        }
    }

    private static bool HasLine(string logFile, string requestId) =>
        File.ReadLines(logFile)
            .Any(line =>
                line.Contains(requestId, StringComparison.Ordinal) && line.Contains("POST /v1/transfers", StringComparison.Ordinal)
            );

    private async Task<string> RowAsync(string id, string from, string to, CancellationToken cancellationToken)
    {
        await using var command = _postgres.CreateCommand(
            "SELECT debit_account, credit_account, amount, debit_balance, credit_balance, batch_id FROM transfers WHERE id = $1"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(id) });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        Require(await row.ReadAsync(cancellationToken), $"no row {id}");
        var (debit, credit, amount) = (row.GetGuid(0), row.GetGuid(1), row.GetInt64(2));
        Require((debit, credit, amount) == (Guid.Parse(from), Guid.Parse(to), Sent), $"{amount} from {debit} to {credit}");
        return $"{amount} won, {from} now {row.GetInt64(3)}, {to} now {row.GetInt64(4)}, batch {row.GetInt64(5)}";
    }

    private async Task<T> AskAsync<T>(string sql, string? account, CancellationToken cancellationToken)
    {
        await using var command = _postgres.CreateCommand(sql);
        if (account is not null)
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(account) });
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static LabAnswer Known(LabAnswer? sent) => sent ?? throw new BrokenPromiseException("there was no transfer");

    /// <summary>Of an account as read, or of a transfer, which has it inside.</summary>
    private static long BalanceOf(JsonNode answer) => (long)(answer["balanceAfter"] ?? answer)["balance"]!;

    private static string Text(JsonNode answer, string field) => (string)answer[field]!;
}
