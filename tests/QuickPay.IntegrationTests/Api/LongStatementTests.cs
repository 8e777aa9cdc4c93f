using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Statements that take long: how much they hold meanwhile, and that nothing is cut, doubled or mixed in unnoticed.</summary>
[Collection(nameof(Alone))]
public sealed class LongStatementTests(LongHistory history) : IClassFixture<LongHistory>, IAsyncLifetime
{
    private const long MemoryMax = 8 * 1024 * 1024;

    private static CancellationToken Cancellation => ApiBank.Cancellation;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await history.Bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task It_is_whole_in_little_memory_and_what_happens_meanwhile_is_no_part_of_it()
    {
        // Of the database: the history was made behind the servers' backs, and so behind their cache.
        var rows = await history.Bank.AskAsync<long>($"SELECT version FROM balances WHERE account_id = '{history.Kim.AccountId}'");
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        using var download = await BeginAsync(history.Kim);
        using var reader = new StreamReader(await download.Content.ReadAsStreamAsync(Cancellation), Encoding.UTF8, false);
        var text = new StringBuilder("\uFEFF");
        var buffer = new char[64 * 1024];
        long most = 0;
        var parts = 0;
        for (int read; (read = await reader.ReadAsync(buffer, Cancellation)) > 0; parts++)
        {
            text.Append(buffer, 0, read);
            if (parts is 1 or 50)
            {
                await history.PayAsync(200);
            }
            if (parts % 50 == 0)
            {
                // What the test itself has kept is not the server's.
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - empty - sizeof(char) * (long)text.Capacity);
            }
        }

        var statement = Statement.Parse(text.ToString().Replace("\uFEFF\uFEFF", "\uFEFF", StringComparison.Ordinal));
        Assert.Equal(rows, statement.Entries.Count);
        Assert.Equal(rows, statement.Ids.Distinct().Count());
        long balance = 0;
        foreach (var entry in statement.Entries)
        {
            balance += entry.Direction == "in" ? entry.Amount : -entry.Amount;
            Assert.Equal(balance, entry.BalanceAfter);
        }
        Assert.True(parts > 100, $"It came in {parts} parts: too few to have looked at its memory.");
        Assert.True(most < MemoryMax, $"{most:N0} bytes were held.");
    }

    [Fact]
    public async Task Who_does_not_read_on_holds_a_place_of_their_own_and_no_connection()
    {
        await using var bank = ApiBank.Open(history.Bank.Database, ("Statements:ExportsMax", "1"));
        var (kim, lee) = (history.Kim.Through(bank), history.Lee.Through(bank));
        using var stalled = await StallAsync(bank, kim);

        (await kim.GetAsync(Statement.WholePath(kim))).ShouldBeProblem(409, "statement_in_progress");
        Assert.NotNull((await lee.GetAsync(Statement.WholePath(lee))).ShouldBeProblem(503, "overloaded").RetryAfter);
        await Eventually.IsTrueAsync(() => HasEveryPlaceAsync(bank.Service<ReadReplicas>()), "nobody reads from the database");
    }

    [Fact]
    public async Task What_is_not_taken_in_its_time_is_broken_off_and_has_no_end()
    {
        await using var bank = ApiBank.Open(history.Bank.Database, ("Statements:ExportMaxMs", "2000"));
        var kim = history.Kim.Through(bank);
        using var stalled = await StallAsync(bank, kim);

        await Eventually.IsTrueAsync(
            async () => (await kim.GetAsync(Statement.Path(kim, Quiet, Quiet.AddDays(1)))).Status == 200,
            "its member may have another one"
        );

        Assert.DoesNotContain("\r\nclosing,", await RestOfAsync(stalled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_in_the_middle_is_broken_off_and_has_no_end()
    {
        // Of its own: where the second use of a statement fails, the driver, which is preparing it then, loses the thread on that session, and its next
        // user gets an error ("unexpected backend message").
        await using var bank = ApiBank.Open(history.Bank.Database);
        var kim = history.Kim.Through(bank);
        using var download = await BeginAsync(kim);
        using var reader = new StreamReader(await download.Content.ReadAsStreamAsync(Cancellation), Encoding.UTF8);
        var text = new StringBuilder();
        var buffer = new char[64 * 1024];
        text.Append(buffer, 0, await reader.ReadAsync(buffer, Cancellation));
        await history.Bank.Owner.DoAsync("REVOKE SELECT ON transfers FROM qp_api");
        try
        {
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                for (int read; (read = await reader.ReadAsync(buffer, Cancellation)) > 0; )
                {
                    text.Append(buffer, 0, read);
                }
            });
        }
        finally
        {
            await history.Bank.Owner.DoAsync("GRANT SELECT ON transfers TO qp_api");
        }
        Assert.Contains("\r\nentry,", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nclosing,", text.ToString(), StringComparison.Ordinal);
        // Nothing of it is left over.
        await Eventually.IsTrueAsync(
            async () => (await kim.GetAsync(Statement.Path(kim, Quiet, Quiet.AddDays(1)))).Status == 200,
            "the next one is written"
        );
    }

    /// <summary>A day on which nothing happened.</summary>
    private static DateTimeOffset Quiet => new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static async Task<HttpResponseMessage> BeginAsync(ApiMember member)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Statement.WholePath(member));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", member.AccessToken);
        var answer = await member.Bank.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(200, (int)answer.StatusCode);
        return answer;
    }

    /// <summary>Asks for a statement and reads its first bytes.</summary>
    private static async Task<Socket> StallAsync(ApiBank bank, ApiMember member)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(bank.Url.Host, bank.Url.Port, Cancellation);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET {Statement.WholePath(member)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {member.AccessToken}\r\n\r\n"
            ),
            Cancellation
        );
        var first = new byte[12];
        await socket.ReceiveAsync(first, Cancellation);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(first));
        return socket;
    }

    private static async Task<string> RestOfAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer, Cancellation)) > 0; )
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // Reset, which is the end of it, too.
        }
        return text.ToString();
    }

    /// <summary>Whether all places at the primary for reports are free at one time.</summary>
    private static async Task<bool> HasEveryPlaceAsync(ReadReplicas replicas)
    {
        await using var one = await replicas.OpenAsync(ReplicaRole.Reports, default, Cancellation);
        await using var two = await replicas.OpenAsync(ReplicaRole.Reports, default, Cancellation);
        return one is not null && two is not null;
    }
}
