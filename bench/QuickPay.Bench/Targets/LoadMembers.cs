using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using QuickPay.Bench.Load;

namespace QuickPay.Bench.Targets;

/// <summary>
/// The load's members: real ones, signed up and logged in through the API, one session each. Their tokens are renewed before they
/// run out, so that a run may last as long as it likes.
/// </summary>
internal sealed class LoadMembers
{
    private const int ParallelSignUps = 4;
    private const string Password = "load-member-passphrase-7f3a";
    private const string Pin = "274951";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly Session[] _sessions;
    private readonly DateTimeOffset[] _expiry;

    private LoadMembers(HttpClient http, TimeProvider clock, IReadOnlyList<Guid> ids, Session[] sessions)
    {
        _http = http;
        _clock = clock;
        _sessions = sessions;
        Ids = ids;
        _expiry = [.. sessions.Select(ExpiryOf)];
    }

    public IReadOnlyList<Guid> Ids { get; }

    public IReadOnlyList<string> Tokens => [.. _sessions.Select(session => session.AccessToken)];

    /// <summary>Signs up and logs in so many members.</summary>
    public static async Task<LoadMembers> JoinAsync(
        HttpClient http,
        int count,
        ulong seed,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var ids = new Guid[count];
        var sessions = new Session[count];
        // Korean mobile numbers, spread by the seed: a second run against the same servers meets other ones.
        var first = (long)(LoadRandom.Mix(seed) % 70_000_000) + 20_000_000;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelSignUps, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            count,
            options,
            async (i, cancel) =>
            {
                var phone = string.Create(CultureInfo.InvariantCulture, $"+8210{first + i:00000000}");
                var member = await PostAsync<Member>(
                    http,
                    "/v1/members",
                    new
                    {
                        phone,
                        name = $"부하 {i}",
                        password = Password,
                        pin = Pin,
                    },
                    cancel
                );
                ids[i] = member.Id;
                sessions[i] = await PostAsync<Session>(
                    http,
                    "/v1/sessions",
                    new
                    {
                        phone,
                        password = Password,
                        device = "bench",
                    },
                    cancel
                );
            }
        );
        return new LoadMembers(http, clock, ids, sessions);
    }

    /// <summary>Renews every token that has less than a third of its life left, until cancelled.</summary>
    public async Task KeepFreshAsync(RequestWriter writer, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(15), _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var i = 0; i < _sessions.Length; i++)
            {
                if (_expiry[i] - _clock.GetUtcNow() < TimeSpan.FromSeconds(_sessions[i].ExpiresIn / 3.0))
                {
                    var body = new { refreshToken = _sessions[i].RefreshToken };
                    _sessions[i] = await PostAsync<Session>(_http, "/v1/sessions/refresh", body, cancellationToken);
                    _expiry[i] = ExpiryOf(_sessions[i]);
                    writer.ReplaceToken(i, _sessions[i].AccessToken);
                }
            }
        }
    }

    /// <summary>Sends one of the generator's transfers again, or for the first time: same key, same body.</summary>
    public async Task<(HttpStatusCode Status, bool Replayed, byte[] Body)> SendAsync(
        TransferRequest transfer,
        AccountSet accounts,
        ulong runSeed,
        CancellationToken cancellationToken
    )
    {
        var key = new byte[TransferRequest.KeyLength];
        TransferRequest.WriteKey(runSeed, transfer.Sequence, key);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _sessions[accounts.OwnerOf(transfer.From)].AccessToken);
        request.Headers.Add("Idempotency-Key", System.Text.Encoding.ASCII.GetString(key));
        request.Content = JsonContent.Create(
            new
            {
                fromAccountId = accounts.IdOf(transfer.From),
                to = new { accountId = accounts.IdOf(transfer.To) },
                amount = transfer.Amount,
                currency = "KRW",
            },
            options: Json
        );
        using var response = await _http.SendAsync(request, cancellationToken);
        var replayed = response.Headers.TryGetValues("Idempotency-Replayed", out var values) && values.Contains("true");
        return (response.StatusCode, replayed, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    private DateTimeOffset ExpiryOf(Session session) => _clock.GetUtcNow().AddSeconds(session.ExpiresIn);

    private static async Task<T> PostAsync<T>(HttpClient http, string path, object body, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(path, body, Json, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new BenchException($"POST {path} answered {(int)response.StatusCode}: {answer}");
        }

        return (await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
    }

    private sealed record Member(Guid Id);

    private sealed record Session(string AccessToken, string RefreshToken, int ExpiresIn);
}
