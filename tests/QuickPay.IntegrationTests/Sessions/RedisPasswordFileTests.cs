using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Sessions;

/// <summary>Redis's password is replaced while a server runs.</summary>
public sealed class RedisPasswordFileTests(TestServers servers) : IDisposable
{
    private const string User = "replaced";
    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Each_new_connection_reads_it_anew_and_those_that_there_are_stay()
    {
        await AskAsync($"ACL SETUSER {User} on >first ~* &* +@all");
        await File.WriteAllTextAsync(_file, "first\n", Cancellation);
        await using var bank = await ApiBank.OpenAsync(
            servers,
            ("Redis:Username", User),
            ("Redis:Password", ""),
            ("Redis:PasswordFile", _file)
        );
        var kim = await bank.JoinAsync();

        await AskAsync($"ACL SETUSER {User} >second <first");
        // It was let in before, and nothing has ended that.
        (await LogInAsync()).ShouldBe(201);

        await AskAsync($"CLIENT KILL USER {User}");
        await LogInEndsAsync(503, "the old password lets nobody in again");
        File.Delete(_file);
        (await LogInAsync()).ShouldBe(503);
        await File.WriteAllTextAsync(_file, "second", Cancellation);
        await LogInEndsAsync(201, "the new one does, without a new start");
        // The driver has said that it was not let in: that is no failure here.
        await Books.ShouldBalanceAsync(bank.Owner);

        Task<ApiAnswer> LogInAsync() => kim.PostAsync("/v1/sessions", new { phone = kim.Phone, password = ApiMember.Password });

        Task LogInEndsAsync(int status, string why) => Eventually.IsTrueAsync(async () => (await LogInAsync()).Status == status, why);
    }

    private async Task AskAsync(string command)
    {
        var answer = await RedisProbe.TryAskAsync(servers.Shared.Redis.Connection(RedisUsers.Admin), command, Cancellation);
        Assert.NotNull(answer);
        Assert.False(answer.StartsWith('-'), answer);
    }
}
