using System.Text.Json;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>A stack, its secrets and its database, before the function that sets it up has ever run.</summary>
public abstract class SetupTest(OwnServers servers) : IClassFixture<OwnServers>, IAsyncLifetime
{
    protected const string TokenKey = "token-key";
    protected const string PersonalDataKey = "personal-data-key";
    private protected FakeSecrets Secrets { get; private set; } = null!;

    private protected FakeStack Stack { get; private set; } = null!;

    private protected FakeRds Rds { get; private set; } = null!;

    private protected RdsDatabase Database { get; } = new(servers.Servers);

    private protected Dictionary<string, string> Variables { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        (Secrets, Stack) = (await FakeSecrets.BeginAsync(), await FakeStack.BeginAsync());
        Rds = new FakeRds(Database.Hosts, DatabaseRoles.Migrator, RdsDatabase.Owner);
        await Database.MakeAnewAsync(Rds);
        Secrets.Put("owner", JsonSerializer.Serialize(new { username = RdsDatabase.Owner, password = RdsDatabase.OwnerPassword }));
        // As CloudFormation makes them up.
        Secrets.Put(TokenKey, "]K9}Qm~vB2.made-up-by-nobody-1");
        Secrets.Put(PersonalDataKey, "x4Y!made-up-by-nobody-too-2{:=");
        Variables = new()
        {
            ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = $"{Secrets.Address}",
            ["Postgres__Hosts"] = Database.Hosts,
            ["Postgres__Database"] = RdsDatabase.Name,
            ["Postgres__Username"] = DatabaseRoles.Migrator,
            ["Postgres__RootCertificate"] = Database.RootCertificate,
            ["QUICKPAY_OWNER_SECRET"] = FakeSecrets.ArnOf("owner"),
            ["QUICKPAY_TOKEN_KEY_SECRET"] = FakeSecrets.ArnOf(TokenKey),
            ["QUICKPAY_PERSONAL_DATA_KEY_SECRET"] = FakeSecrets.ArnOf(PersonalDataKey),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Secrets.DisposeAsync();
        await Stack.DisposeAsync();
        await Rds.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<FunctionProcess> StartAsync() => FunctionProcess.StartAsync("setup", Variables);

    /// <summary>One event in a process of its own, and what CloudFormation is told.</summary>
    private protected async Task<StackAnswer> RunAsync(string type = "Create", string? physicalId = null)
    {
        await using var process = await StartAsync();
        return await RunAsync(process, type, physicalId);
    }

    private protected async Task<StackAnswer> RunAsync(FunctionProcess process, string type = "Create", string? physicalId = null)
    {
        var (id, body) = Stack.Event(type, physicalId);
        var outcome = await process.InvokeAsync(body);
        Assert.Equal(new Outcome(null, null), outcome);
        var answer = Stack.AnswerTo(id);
        Secrets.ShouldHaveBeenUsedRight();
        ShouldNameNoSecret(process.Said + answer.Reason);
        return answer;
    }

    /// <summary>As one of the processes does, which has its rights.</summary>
    private protected Task<Npgsql.NpgsqlConnection> LogInAsync(string role)
    {
        Rds.MayLogIn.Add(role);
        return Database.LogInAsync(role, Rds.TokenFor(role));
    }

    private protected void ShouldNameNoSecret(string said) =>
        Assert.All(
            (string[])
                [
                    .. Secrets.Texts,
                    RdsDatabase.OwnerPassword,
                    FakeSecrets.Key.Secret,
                    FakeSecrets.Key.Token,
                    "X-Amz-Signature",
                    FakeStack.AddressSecret,
                ],
            secret => Assert.DoesNotContain(secret, said, StringComparison.Ordinal)
        );

    /// <summary>All that is to be there in the end.</summary>
    private protected async Task ShouldBeSetUpAsync()
    {
        await using (var api = await LogInAsync(DatabaseRoles.Api))
        {
            Assert.NotEqual(0L, await api.AskAsync<long>("SELECT count(*) FROM accounts"));
            Assert.Equal("1s", await api.AskAsync<string>("SHOW lock_timeout"));
        }
        await using (var statistics = await LogInAsync(DatabaseRoles.Statistics))
        {
            Assert.Equal(0L, await statistics.AskAsync<long>("SELECT count(*) FROM statistics_hours"));
            Assert.Equal("on", await statistics.AskAsync<string>("SHOW default_transaction_read_only"));
        }
        await using (var worker = await LogInAsync(DatabaseRoles.Worker))
        {
            Assert.Equal("2s", await worker.AskAsync<string>("SHOW idle_in_transaction_session_timeout"));
        }
        Assert.Equal(
            DatabaseRoles.Migrator,
            await Database.AskAsync<string>($"SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = '{RdsDatabase.Name}'")
        );
        Assert.Equal(
            DatabaseRoles.Migrator,
            await Database.AskAsync<string>("SELECT string_agg(DISTINCT tableowner::text, ',') FROM pg_tables WHERE schemaname = 'public'")
        );
        Assert.False(await Database.AskAsync<bool>($"SELECT has_database_privilege('public', '{RdsDatabase.Name}', 'CONNECT')"));
        Assert.True(QuickPay.Sessions.SigningKeys.IsSigningKey(Secrets.TextOf(TokenKey)!));
        Assert.True(QuickPay.Members.PersonalDataKeys.IsKey(Secrets.TextOf(PersonalDataKey)!));
    }
}
