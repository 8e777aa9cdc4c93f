using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Ledger;

namespace QuickPay.Tests.Ledger;

/// <summary>How the engine ends.</summary>
public sealed class PostingEngineTests
{
    /// <summary>A host's own thread disposes of it as soon as it has been asked to stop, whoever still stops it.</summary>
    [Fact]
    public async Task It_may_be_stopped_again_when_it_has_been_disposed_of()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        await using var engine = new PostingEngine(
            nowhere,
            Options.Create(new PostingOptions()),
            Options.Create(new TransferLimits()),
            TimeProvider.System,
            NullLogger<PostingEngine>.Instance
        );
        await engine.StartAsync(cancellation);

        await engine.StopAsync(cancellation);
        await engine.DisposeAsync();
        await engine.StopAsync(cancellation);
    }
}
