using System.Text;
using Microsoft.AspNetCore.Http;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Rates;
using QuickPay.Worker.Rates;

namespace QuickPay.IntegrationTests.Rates;

/// <summary>The two sources, and what they do with a server or a file that is not as it should be.</summary>
public sealed class RateSourceTests : IAsyncLifetime
{
    private FakeFeed _feed = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _feed = await FakeFeed.StartAsync();

    public ValueTask DisposeAsync() => _feed.DisposeAsync();

    [Fact]
    public async Task A_day_comes_as_it_was_published()
    {
        using var source = new EcbRateSource(_feed.Options());

        var day = await source.FetchAsync(Cancellation);

        Assert.Equal(("ecb", SomeRates.Yesterday(), "EUR"), (source.Name, day.AsOf, day.Base));
        Assert.Equal(SomeRates.Rates, day.Rates);
        Assert.Equal(1, _feed.Requests);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(206)]
    [InlineData(301)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Another_status_is_no_answer_whatever_comes_with_it(int status)
    {
        // 204 is a status that nothing may come with.
        _feed.Answer = FakeFeed.With(status == 204 ? "" : FakeFeed.SomeDay, status);

        await RefusedForAsync($"answers {status}");
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _feed.Answer = context =>
        {
            if (context.Request.Query.ContainsKey("again"))
            {
                return FakeFeed.With(FakeFeed.SomeDay)(context);
            }
            context.Response.Redirect(context.Request.Path + "?again");
            return Task.CompletedTask;
        };

        await RefusedForAsync("answers 302");
        Assert.Equal(1, _feed.Requests);
    }

    [Fact]
    public async Task A_page_instead_of_a_feed_is_refused()
    {
        _feed.Answer = FakeFeed.With("<html><body>We are sorry</body></html>");

        await RefusedForAsync("not an envelope");
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_not_read_to_its_end()
    {
        _feed.Answer = FakeFeed.With(FakeFeed.SomeDay.PadRight(EcbXml.BytesMax));
        using (var source = new EcbRateSource(_feed.Options()))
        {
            Assert.Equal(SomeRates.Rates, (await source.FetchAsync(Cancellation)).Rates);
        }

        _feed.Answer = FakeFeed.With(FakeFeed.SomeDay.PadRight(EcbXml.BytesMax + 1));
        await RefusedForAsync("does not answer as it should");

        // Without a length, and without an end.
        var spaces = Encoding.UTF8.GetBytes(new string(' ', 4_096));
        var isCut = new TaskCompletionSource();
        _feed.Answer = async context =>
        {
            context.RequestAborted.Register(isCut.SetResult);
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(spaces, CancellationToken.None);
            }
        };
        await RefusedForAsync("does not answer as it should");
        await isCut.Task.WaitAsync(Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_hangs_is_given_up(bool hasBegun)
    {
        _feed.Answer = async context =>
        {
            if (hasBegun)
            {
                await context.Response.WriteAsync(FakeFeed.SomeDay[..40], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        };

        await RefusedForAsync("not answered within 300 ms", _feed.Options(timeoutMs: 300));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_refused()
    {
        _feed.Answer = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync(FakeFeed.SomeDay[..40], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        };

        await RefusedForAsync("does not answer as it should");
    }

    [Fact]
    public async Task Where_nobody_listens_nobody_answers()
    {
        var options = new RateOptions { Source = "ecb", Url = $"http://127.0.0.1:{Ports.FreeFrom(null)}/" };

        await RefusedForAsync("does not answer as it should", options);
    }

    [Fact]
    public async Task A_worker_that_stops_does_not_call_it_the_source_s_failure()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        _feed.Answer = async context =>
        {
            await stopping.CancelAsync();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        };
        using var source = new EcbRateSource(_feed.Options());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.FetchAsync(stopping.Token));
    }

    [Fact]
    public async Task A_file_is_read_anew_each_time_and_none_or_a_large_one_is_refused()
    {
        var path = Path.GetTempFileName();
        try
        {
            var source = new FileRateSource(new RateOptions { Source = "file", File = path });
            await RefusedForAsync("not XML", source);
            await File.WriteAllTextAsync(path, FakeFeed.SomeDay, Cancellation);
            Assert.Equal(SomeRates.Rates, (await source.FetchAsync(Cancellation)).Rates);
            await File.WriteAllTextAsync(path, FakeFeed.SomeDay.PadRight(EcbXml.BytesMax + 1), Cancellation);
            await RefusedForAsync("larger", source);
            File.Delete(path);
            await RefusedForAsync("cannot be read", source);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task RefusedForAsync(string why, RateOptions? options = null)
    {
        using var source = new EcbRateSource(options ?? _feed.Options());
        await RefusedForAsync(why, source);
    }

    private static async Task RefusedForAsync(string why, IRateSource source)
    {
        var refused = await Assert.ThrowsAsync<RatesRefusedException>(() => source.FetchAsync(Cancellation));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }
}
