using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Cli.Local;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// The posting engine on a database of its own, without HTTP. Every test ends with <see cref="ShouldBalanceAsync"/>.
/// </summary>
public sealed class LedgerBank : IAsyncDisposable
{
    private readonly List<PostingEngine> _engines = [];
    private readonly List<NpgsqlDataSource> _postingPools = [];

    private LedgerBank(PostgresConnection api, PostgresConnection owner, TransferLimits limits)
    {
        Api = api;
        Limits = limits;
        DataSource = NpgsqlDataSource.Create(api.ConnectionString);
        Owner = NpgsqlDataSource.Create(owner.ConnectionString);
    }

    public PostgresConnection Api { get; }

    /// <summary>As the role that API servers have.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>As the role that owns the schema: for looking at everything, and for breaking things.</summary>
    public NpgsqlDataSource Owner { get; }

    public TransferLimits Limits { get; }

    public PostingEngine Engine => _engines[0];

    public static async Task<LedgerBank> OpenAsync(
        PostgresConnection api,
        PostgresConnection owner,
        PostingOptions? options = null,
        TransferLimits? limits = null
    )
    {
        var bank = new LedgerBank(api, owner, limits ?? new TransferLimits());
        await bank.AddEngineAsync(options);
        return bank;
    }

    /// <summary>One more API server's engine on the same database.</summary>
    /// <param name="options">Its limits.</param>
    /// <param name="hosts">Where it connects: a proxy.</param>
    /// <param name="start">False: what is posted waits for the caller to start it, and then goes out in one batch.</param>
    /// <param name="time">Its server's clock.</param>
    /// <param name="listener">Hears of its commits.</param>
    public async Task<PostingEngine> AddEngineAsync(
        PostingOptions? options = null,
        string? hosts = null,
        bool start = true,
        TimeProvider? time = null,
        ICommitListener? listener = null
    )
    {
        var posting = options ?? new PostingOptions();
        var pool = DataSources.ForPosting(
            new PostgresOptions
            {
                Hosts = hosts ?? Api.Hosts,
                Database = Api.Database,
                Username = Api.Username,
                Password = Api.Password,
                RootCertificate = Api.RootCertificate,
            },
            PostingEngine.ConnectionsNeeded(posting)
        );
        if (hosts is not null)
        {
            var settings = new NpgsqlConnectionStringBuilder(pool.ConnectionString) { Password = Api.Password };
            PgProxy.AllowMiddleman(settings);
            await pool.DisposeAsync();
            pool = hosts.Contains(',', StringComparison.Ordinal)
                ? new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
                : NpgsqlDataSource.Create(settings);
        }
        var engine = new PostingEngine(
            pool,
            Options.Create(posting),
            Options.Create(Limits),
            time ?? TimeProvider.System,
            new TestLog<PostingEngine>(TestContext.Current.TestOutputHelper),
            listener
        );
        if (start)
        {
            await engine.StartAsync(CancellationToken.None);
        }
        _engines.Add(engine);
        _postingPools.Add(pool);
        return engine;
    }

    /// <summary>A wallet with <paramref name="funds"/> from the house.</summary>
    public async Task<Wallet> OpenWalletAsync(long funds = 0, Tier tier = Tier.Verified, Currency currency = Currency.KRW)
    {
        var owner = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        Account account;
        await using (var connection = await DataSource.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            account = await AccountOpening.OpenWalletAsync(
                connection,
                transaction,
                owner,
                tier,
                currency,
                TimeProvider.System.GetUtcNow(),
                CancellationToken.None
            );
            await transaction.CommitAsync();
        }
        var wallet = new Wallet(this, account.Id, owner, currency);
        if (funds > 0)
        {
            var funded = await Engine.PostAsync(wallet.Deposit(funds));
            Assert.Equal(PostingStatus.Posted, funded.Status);
        }
        return wallet;
    }

    public async Task<AccountBalance> BalanceAsync(Wallet wallet) =>
        await new AccountReader(DataSource).BalanceAsync(wallet.Id, wallet.Owner, CancellationToken.None)
        ?? throw new InvalidOperationException("The wallet is gone.");

    public Task<long> CountAsync(string sql) => Owner.AskAsync<long>(sql);

    /// <summary>As the schema's owner.</summary>
    public Task ExecuteAsync(string sql) => Owner.DoAsync(sql);

    /// <summary>After the server was killed: pooled connections are dead, and would say so at their next use.</summary>
    public void ForgetConnections()
    {
        DataSource.Clear();
        Owner.Clear();
    }

    /// <inheritdoc cref="Books.ShouldBalanceAsync" />
    public Task ShouldBalanceAsync() => Books.ShouldBalanceAsync(Owner);

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.StopAsync(CancellationToken.None);
            await engine.DisposeAsync();
        }
        foreach (var pool in _postingPools)
        {
            await pool.DisposeAsync();
        }
        await DataSource.DisposeAsync();
        await Owner.DisposeAsync();
    }
}

/// <summary>A wallet in a story.</summary>
public sealed record Wallet(LedgerBank Bank, Guid Id, Guid Owner, Currency Currency)
{
    private static long s_keys;

    public static string NewKey() => $"key-{Interlocked.Increment(ref s_keys)}";

    public PostingRequest Deposit(long amount, string? key = null) =>
        Request(TransferKind.Deposit, HouseAccounts.For(HousePurpose.CashIn, Currency, Id), Id, amount, key, OwnerSide.Credit);

    public PostingRequest Send(long amount, Guid to, string? key = null, string? memo = null) =>
        Request(TransferKind.Transfer, Id, to, amount, key, OwnerSide.Debit) with
        {
            Memo = memo,
        };

    public PostingRequest Hold(long amount, Guid to, string? key = null, TimeSpan? lasts = null) =>
        Request(TransferKind.Hold, Id, to, amount, key, OwnerSide.Debit) with
        {
            ExpiresAt = new DateTime(
                (TimeProvider.System.GetUtcNow() + (lasts ?? TimeSpan.FromDays(1))).UtcTicks
                    / TimeSpan.TicksPerMillisecond
                    * TimeSpan.TicksPerMillisecond,
                DateTimeKind.Utc
            ),
        };

    /// <summary>Captures, cancels or expires a hold of this wallet.</summary>
    public PostingRequest Close(TransferKind kind, Transfer hold, long amount = 0, string? key = null) =>
        Request(kind, hold.DebitAccount, hold.CreditAccount, amount, key, OwnerSide.Either) with
        {
            HoldId = hold.Id,
        };

    public Task<PostingOutcome> SendsAsync(long amount, Wallet to, string? key = null) => Bank.Engine.PostAsync(Send(amount, to.Id, key));

    public Task<PostingOutcome> HoldsAsync(long amount, Wallet to, TimeSpan? lasts = null) =>
        Bank.Engine.PostAsync(Hold(amount, to.Id, lasts: lasts));

    public Task<PostingOutcome> ClosesAsync(TransferKind kind, Transfer hold, long amount = 0, string? key = null) =>
        Bank.Engine.PostAsync(Close(kind, hold, amount, key));

    private PostingRequest Request(TransferKind kind, Guid debit, Guid credit, long amount, string? key, OwnerSide side) =>
        new()
        {
            KeyDigest = new RequestDigest("key").Add(Owner).Add(kind.ToString()).Add(key ?? NewKey()).Finish(),
            RequestDigest = new RequestDigest("request").Add(debit).Add(credit).Add(amount).Finish(),
            Kind = kind,
            DebitAccount = debit,
            CreditAccount = credit,
            Amount = amount,
            Currency = Currency,
            Owner = Owner,
            OwnerSide = side,
        };
}
