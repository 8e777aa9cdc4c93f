using QuickPay.IntegrationTests.Support;
using QuickPay.Members;
using QuickPay.Postgres;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Members;

/// <summary>
/// Sign-ups, passwords and PINs whose commit waits for a standby that does not exist. However the wait is cut short, PostgreSQL says that it was
/// a success; whoever asked must not be told so.
/// </summary>
public sealed class UnsafeCommitTests(OwnServers own) : IClassFixture<OwnServers>, IAsyncLifetime
{
    private const string Waiting =
        "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'quickpay' AND wait_event = 'SyncRep'";

    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private MissingStandby _standby = null!;
    private MemberApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await own.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _standby = new MissingStandby(_database);
        _app = await MemberApp.StartAsync(_database.ApiSettings("", ""));
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var app = _app;
        await _standby.NeedNoneAsync();
    }

    [Theory]
    [InlineData("pg_cancel_backend")]
    [InlineData("pg_terminate_backend")]
    [InlineData(null)] // the driver cancels it when the command's time is up
    public async Task A_sign_up_that_no_standby_has_is_not_acknowledged_and_can_be_repeated(string? function)
    {
        var kim = new TestMember { Phone = MemberApp.NewPhone() };
        await _standby.NeedAsync();

        var joining = _app.PostAsync("/v1/members", kim.SignUpBody());
        await CutShortAsync(joining, function);

        var (status, body) = await joining;
        Assert.Equal((503, "outcome_unknown"), (status, body.Code()));
        Assert.Contains("log in", body.GetProperty("detail").GetString(), StringComparison.Ordinal);

        // Seen by everybody, and still not safe: who logs in waits for the standby too, and so learns.
        Assert.Equal(1, await _database.AskAsync<long>("SELECT count(*) FROM members"));
        (status, body) = await _app.PostAsync("/v1/members", kim.SignUpBody());
        Assert.Equal((409, "phone_taken"), (status, body.Code()));
        var loggingIn = _app.PostAsync("/v1/sessions", kim.LogInBody());
        await CutShortAsync(loggingIn, "pg_cancel_backend");
        (status, body) = await loggingIn;
        Assert.Equal((503, "unavailable_retry"), (status, body.Code()));

        await _standby.NeedNoneAsync();
        await _app.LogInAsync(kim);
        Assert.Equal(1, await _database.AskAsync<long>("SELECT count(*) FROM accounts WHERE kind = 1"));
    }

    /// <summary>Unknown phones too, or the answer would tell which numbers have members.</summary>
    [Theory]
    [InlineData(true, "pg_cancel_backend")]
    [InlineData(false, "pg_cancel_backend")]
    [InlineData(true, null)]
    [InlineData(false, null)]
    public async Task A_password_whose_count_no_standby_has_is_not_looked_at(bool isMember, string? function)
    {
        var kim = await _app.JoinAsync();
        var stranger = new TestMember { Phone = MemberApp.NewPhone() };
        await _standby.NeedAsync();

        foreach (var password in (string[])[TestMember.Password, "a wrong password"])
        {
            var loggingIn = _app.PostAsync("/v1/sessions", (isMember ? kim : stranger).LogInBody(password: password));
            await CutShortAsync(loggingIn, function);
            var (status, body) = await loggingIn;
            Assert.Equal((503, "unavailable_retry"), (status, body.Code()));
        }

        await _standby.NeedNoneAsync();
        await _app.LogInAsync(kim);
    }

    [Fact]
    public async Task A_pin_whose_count_no_standby_has_is_not_looked_at()
    {
        var kim = await _app.JoinAsync();
        var caller = (await _app.Service<SessionStore>().OpenAsync(kim.Id, device: null)).Caller;
        Assert.Equal(SessionState.Active, await _app.Service<SessionChecker>().CheckAsync(caller));
        await _standby.NeedAsync();

        var checking = _app.Service<Pins>().CheckAsync(caller, TestMember.Pin, required: true, MemberApp.Cancellation).AsTask();
        await CutShortAsync(checking, "pg_cancel_backend");

        await Assert.ThrowsAsync<CommitUnknownException>(() => checking);
        await _standby.NeedNoneAsync();
        Assert.Equal(
            PinOutcome.Ok,
            (await _app.Service<Pins>().CheckAsync(caller, TestMember.Pin, required: true, MemberApp.Cancellation)).Outcome
        );
    }

    [Fact]
    public async Task Who_hangs_up_cancels_no_commit()
    {
        var joining = SignUp.Check(MemberApp.NewPhone(), "김민수", TestMember.Password, TestMember.Pin, new Dictionary<string, string[]>());
        await _standby.NeedAsync();
        using var hangsUp = CancellationTokenSource.CreateLinkedTokenSource(MemberApp.Cancellation);

        var answer = _app.Service<SignUp>().JoinAsync(joining!, hangsUp.Token);
        await Eventually.IsTrueAsync(async () => await _superuser.AskAsync<long>($"SELECT count(*) {Waiting}") > 0, "the commit waits");
        await hangsUp.CancelAsync();
        await _standby.NeedNoneAsync();

        Assert.Equal(SignUpOutcome.Joined, (await answer).Outcome);
    }

    /// <param name="answer">Whose commit waits.</param>
    /// <param name="function">Null: nobody does anything.</param>
    private async Task CutShortAsync(Task answer, string? function)
    {
        long waited = 0;
        await Eventually.IsTrueAsync(
            async () =>
            {
                waited += await _superuser.AskAsync<long>($"SELECT count({(function is null ? "pid" : $"{function}(pid)")}) {Waiting}");
                return answer.IsCompleted;
            },
            "the request is answered"
        );
        Assert.True(waited > 0);
    }
}
