using System.Net.Http.Headers;
using System.Net.Http.Json;
using Npgsql;
using QuickPay.Members;
using QuickPay.Operators;

namespace QuickPay.IntegrationTests.Support;

/// <summary>An operator of an <see cref="ApiBank"/>, added as the command line adds them.</summary>
internal sealed class OperatorUnderTest(ApiBank bank, string name)
{
    public const string Password = "correct horse battery";
    private static int s_names;

    public string Name => name;

    public string AccessToken { get; private set; } = "";

    public static async Task<OperatorUnderTest> AddedAsync(ApiBank bank)
    {
        var who = new OperatorUnderTest(bank, $"operator-{Interlocked.Increment(ref s_names)}");
        Assert.True(await who.InDirectoryAsync(directory => directory.TryAddAsync(who.Name, Password, ApiBank.Cancellation)));
        return who;
    }

    public static async Task<OperatorUnderTest> LogsInAsync(ApiBank bank)
    {
        var who = await AddedAsync(bank);
        who.AccessToken = (await who.LogsInAsync(Password)).ShouldBe(201).Word("accessToken");
        return who;
    }

    public Task<ApiAnswer> LogsInAsync(string password) => LogsInAsync(bank, name, password);

    public static Task<ApiAnswer> LogsInAsync(ApiBank bank, string name, string password) =>
        bank.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/operator/sessions") { Content = JsonContent.Create(new { name, password }) }
        );

    public Task<ApiAnswer> GetAsync(string path) => GetAsync(bank, path, AccessToken);

    public static Task<ApiAnswer> GetAsync(ApiBank bank, string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return bank.SendAsync(request);
    }

    public async Task IsDisabledAsync() =>
        Assert.True(await InDirectoryAsync(directory => directory.TryDisableAsync(Name, ApiBank.Cancellation)));

    /// <summary>With the role that owns the schema.</summary>
    public async Task<T> InDirectoryAsync<T>(Func<OperatorDirectory, Task<T>> ask)
    {
        await using var owner = NpgsqlDataSource.Create(bank.Database.Migrator.ConnectionString);
        return await ask(new OperatorDirectory(owner, bank.Service<PersonalDataKeys>(), TimeProvider.System));
    }
}
