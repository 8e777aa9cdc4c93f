using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Accounts;
using QuickPay.Api;
using QuickPay.Api.Members;
using QuickPay.Api.Sessions;
using QuickPay.Cli.Local;
using QuickPay.Hosting;
using QuickPay.Members;
using QuickPay.Postgres;
using QuickPay.Sessions;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Members;

/// <summary>
/// An API server with members and sessions only, in this process, whose clock the test owns. Start two on one database to see what
/// several servers do.
/// </summary>
internal sealed class MemberApp : IAsyncDisposable
{
    private static int _phones;
    private readonly WebApplication _app;

    private MemberApp(WebApplication app, FakeTimeProvider time, RecordedLog log)
    {
        _app = app;
        Time = time;
        Log = log;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public FakeTimeProvider Time { get; }

    public RecordedLog Log { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<MemberApp> StartAsync(HostSettingsFile settings, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var log = new RecordedLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.Configuration.AddJsonStream(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(settings)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // Races want many waiting; that they are turned away when too many wait is tested elsewhere.
        builder.Configuration["SlowHashes:WaitingMax"] = "1000";
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(
            DataSources.ForReading(builder.Configuration.GetSection(PostgresOptions.Section).Get<PostgresOptions>()!, connectionsMax: 10)
        );
        builder.Services.AddOptions<TransferLimits>();
        builder.Services.AddSessions(builder.Configuration).AddMembers(builder.Configuration).AddSessionGate().AddMemberJson();
        var app = builder.Build();
        app.UseProblems();
        app.MapMembers();
        app.MapSessions();
        await app.StartAsync(Cancellation);
        return new MemberApp(app, time, log);
    }

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A phone number nobody has yet.</summary>
    public static string NewPhone() => "010" + (20_000_000 + Interlocked.Increment(ref _phones)).ToString(CultureInfo.InvariantCulture);

    public async Task<TestMember> JoinAsync(string name = "김민수")
    {
        var member = new TestMember { Phone = NewPhone() };
        var (status, body) = await PostAsync("/v1/members", member.SignUpBody(name));
        Assert.Equal(201, status);
        member.Id = body.GetProperty("id").GetGuid();
        return member;
    }

    public async Task<TestSession> LogInAsync(TestMember member, string? device = null)
    {
        var (status, body) = await PostAsync("/v1/sessions", member.LogInBody(device));
        Assert.Equal(201, status);
        return TestSession.From(body);
    }

    public Task<(int Status, JsonElement Body)> PostAsync(string path, object body) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) });

    public Task<(int Status, JsonElement Body)> GetAsync(string path, TestSession? session) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), session);

    public Task<(int Status, JsonElement Body)> DeleteAsync(string path, TestSession? session) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), session);

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request, TestSession? session = null)
    {
        if (session is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.AccessToken);
        }
        using var response = await Http.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        var body = text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
        if (response.StatusCode == System.Net.HttpStatusCode.Unauthorized)
        {
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }
        return ((int)response.StatusCode, body);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

internal sealed class TestMember
{
    public const string Password = "correct horse battery";
    public const string Pin = "493817";

    public Guid Id { get; set; }

    public required string Phone { get; init; }

    public object SignUpBody(string name = "김민수") =>
        new
        {
            phone = Phone,
            name,
            password = Password,
            pin = Pin,
        };

    public object LogInBody(string? device = null, string password = Password) =>
        device is null
            ? new { phone = Phone, password }
            : new
            {
                phone = Phone,
                password,
                device,
            };
}

internal sealed record TestSession(Guid Id, string AccessToken, string RefreshToken)
{
    public static TestSession From(JsonElement body) =>
        new(
            body.GetProperty("sessionId").GetGuid(),
            body.GetProperty("accessToken").GetString()!,
            body.GetProperty("refreshToken").GetString()!
        );
}

internal static class MemberAnswers
{
    public static string? Code(this JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("code", out var code) ? code.GetString() : null;
}
