using System.Collections.Concurrent;
using System.Net.Http.Headers;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>
/// Members who look at their balances, send each other one won at a time, and now and then send something that must not be repeated, at a
/// steady rate as long as no more than 100 wait for an answer. Nobody tries again: what fails is a failure that a member has seen.
/// </summary>
internal sealed class MemberTraffic(EdgeUnderTest edge, IReadOnlyList<ApiMember> members, int perSecond) : IAsyncDisposable
{
    // On a machine that cannot keep up, the rest would only pile up connections; and they come from one address, which may have 128 in flight.
    private const int WaitingMax = 100;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private readonly HttpClient _http = edge.Client();
    private readonly ConcurrentBag<string> _failures = [];
    private readonly ConcurrentBag<Guid> _transfers = [];
    private readonly CancellationTokenSource _leaving = new();
    private readonly SemaphoreSlim _places = new(WaitingMax);
    private Task _sending = Task.CompletedTask;
    private int _sent;
    private int _answered;

    /// <summary>What members have seen go wrong: kind of request, status, code.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Every transfer that was acknowledged.</summary>
    public IReadOnlyCollection<Guid> Transfers => _transfers;

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Whether some requests are of the kind that is never sent twice.</summary>
    public bool WithUnrepeatable { get; init; }

    public void Start() => _sending = Task.Run(SendAsync);

    /// <summary>So many more are answered.</summary>
    public async Task GoesOnAsync(int more)
    {
        var from = Answered;
        await Eventually.IsTrueAsync(() => Answered - from >= more, $"{more} more requests are answered");
    }

    /// <summary>Lets everybody finish, and says how much it was.</summary>
    public async Task LeaveAsync(TimeSpan elapsed)
    {
        await _leaving.CancelAsync();
        await _sending;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Answered} requests in {elapsed.TotalSeconds:0.0} s, {Answered / elapsed.TotalSeconds:0} a second, {_transfers.Count} of them transfers; {_failures.Count} failed."
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _leaving.Dispose();
        _places.Dispose();
        _http.Dispose();
    }

    private async Task SendAsync()
    {
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        var started = TimeProvider.System.GetTimestamp();
        while (!_leaving.IsCancellationRequested)
        {
            // What a late tick has missed is made up for.
            var due = TimeProvider.System.GetElapsedTime(started).TotalSeconds * perSecond;
            for (; _sent < due && !_leaving.IsCancellationRequested; _sent++)
            {
                await _places.WaitAsync(CancellationToken.None);
                _ = SendOneAsync(_sent);
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
        for (var place = 0; place < WaitingMax; place++)
        {
            await _places.WaitAsync(CancellationToken.None);
        }
    }

    private async Task SendOneAsync(int number)
    {
        var (member, other) = (members[number % members.Count], members[(number + 1) % members.Count]);
        var (kind, expected) =
            WithUnrepeatable && number % 10 == 0 ? ("post without key", 400)
            : number % 2 == 0 ? ("transfer", 201)
            : ("balance", 200);
        try
        {
            using var request =
                kind == "balance"
                    ? new HttpRequestMessage(HttpMethod.Get, $"/v1/accounts/{member.AccountId}/balance")
                    : member.NewTransfer(1, other);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", member.AccessToken);
            if (kind == "post without key")
            {
                request.Headers.Remove("Idempotency-Key");
            }
            using var response = await _http.SendAsync(request, CancellationToken.None);
            var answer = await ApiAnswer.ReadAsync(request, response, CancellationToken.None);
            if (answer.Status != expected)
            {
                _failures.Add($"{kind}: {answer.Status} {answer.Code}");
            }
            else if (kind == "transfer")
            {
                _transfers.Add(answer.Id);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            _failures.Add($"{kind}: {e.GetBaseException().Message}");
        }
        finally
        {
            Interlocked.Increment(ref _answered);
            _places.Release();
        }
    }
}
