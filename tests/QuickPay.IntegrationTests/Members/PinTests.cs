using QuickPay.IntegrationTests.Support;
using QuickPay.Members;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Members;

public sealed class PinTests(TwoServers bank) : IClassFixture<TwoServers>, IAsyncLifetime
{
    private const string Wrong = "000000";
    private readonly TestDatabase _database = bank.Database;
    private readonly MemberApp _seoul = bank.Seoul;
    private readonly MemberApp _busan = bank.Busan;
    private TestMember _kim = null!;
    private Caller _phone = null!;

    public async ValueTask InitializeAsync()
    {
        _kim = await _seoul.JoinAsync();
        _phone = await OpenAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_pin_is_asked_for_only_where_it_is_needed_and_checked_wherever_it_is_given()
    {
        Assert.Equal(PinOutcome.Required, await CheckAsync(_seoul, null, required: true));
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, null, required: false));
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin, required: false));
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin, required: true));
        Assert.Equal(PinOutcome.Invalid, await CheckAsync(_seoul, Wrong, required: false));
        Assert.Equal(PinOutcome.Invalid, await CheckAsync(_seoul, "49381", required: true));
        Assert.Equal(2, await FailuresAsync());
    }

    [Fact]
    public async Task A_right_pin_is_remembered_by_the_session_on_every_server_for_five_minutes()
    {
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        await MakeSlowPathFailAsync();
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_busan, TestMember.Pin));
        bank.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_busan, TestMember.Pin));
        bank.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<FormatException>(() => CheckAsync(_busan, TestMember.Pin));
    }

    [Fact]
    public async Task Another_session_of_the_member_has_to_ask_itself()
    {
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        await MakeSlowPathFailAsync();
        var tablet = await OpenAsync();
        await Assert.ThrowsAsync<FormatException>(() => CheckAsync(_seoul, TestMember.Pin, caller: tablet));
    }

    [Fact]
    public async Task One_wrong_pin_makes_all_sessions_on_all_servers_forget()
    {
        var tablet = await OpenAsync();
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_busan, TestMember.Pin, caller: tablet));
        Assert.Equal(PinOutcome.Invalid, await CheckAsync(_seoul, Wrong));
        await MakeSlowPathFailAsync();
        await Assert.ThrowsAsync<FormatException>(() => CheckAsync(_seoul, TestMember.Pin));
        await Assert.ThrowsAsync<FormatException>(() => CheckAsync(_busan, TestMember.Pin));
        await Assert.ThrowsAsync<FormatException>(() => CheckAsync(_busan, TestMember.Pin, caller: tablet));
    }

    [Fact]
    public async Task Five_wrong_pins_lock_and_each_further_one_locks_twice_as_long()
    {
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(PinOutcome.Invalid, await CheckAsync(_seoul, Wrong));
        }
        var locked = await _seoul.Service<Pins>().CheckAsync(_phone, TestMember.Pin, required: true, MemberApp.Cancellation);
        Assert.Equal(PinOutcome.Locked, locked.Outcome);
        Assert.InRange(locked.RetryAfter.TotalSeconds, 50, 60);

        foreach (var seconds in new[] { 120, 240, 480, 960, 1920, 3600, 3600 })
        {
            await LetTheLockPassAsync();
            Assert.Equal(PinOutcome.Invalid, await CheckAsync(_seoul, Wrong));
            locked = await _busan.Service<Pins>().CheckAsync(_phone, TestMember.Pin, required: true, MemberApp.Cancellation);
            Assert.Equal(PinOutcome.Locked, locked.Outcome);
            Assert.InRange(locked.RetryAfter.TotalSeconds, seconds - 10, seconds);
        }

        await LetTheLockPassAsync();
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        Assert.Equal(0, await FailuresAsync());
    }

    [Fact]
    public async Task However_many_guess_at_once_on_two_servers_five_are_looked_at()
    {
        Assert.Equal(PinOutcome.Ok, await CheckAsync(_seoul, TestMember.Pin));
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(i => CheckAsync(i % 2 == 0 ? _seoul : _busan, $"{i:D6}")).ToArray()
        );
        Assert.Equal(5, outcomes.Count(outcome => outcome == PinOutcome.Invalid));
        Assert.Equal(59, outcomes.Count(outcome => outcome == PinOutcome.Locked));
        Assert.Equal(PinOutcome.Locked, await CheckAsync(_seoul, TestMember.Pin));
        Assert.Equal(PinOutcome.Locked, await CheckAsync(_busan, TestMember.Pin));
    }

    [Fact]
    public async Task A_member_who_pays_many_times_at_once_does_not_lock_themselves_out()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => CheckAsync(_seoul, TestMember.Pin)).ToArray());
        Assert.All(outcomes, outcome => Assert.Equal(PinOutcome.Ok, outcome));
        Assert.Equal(0, await FailuresAsync());
    }

    /// <summary>As a request does it: the session check first, which brings along what the session remembers.</summary>
    private async Task<PinOutcome> CheckAsync(MemberApp app, string? pin, bool required = true, Caller? caller = null)
    {
        caller ??= _phone;
        Assert.Equal(SessionState.Active, await app.Service<SessionChecker>().CheckAsync(caller));
        return (await app.Service<Pins>().CheckAsync(caller, pin, required, MemberApp.Cancellation)).Outcome;
    }

    private async Task<Caller> OpenAsync() => (await _seoul.Service<SessionStore>().OpenAsync(_kim.Id, device: null)).Caller;

    /// <summary>From now on only what is remembered can pass.</summary>
    private Task MakeSlowPathFailAsync() =>
        _database.DoAsync($"UPDATE credentials SET hash = '$argon2id$' WHERE member_id = '{_kim.Id}' AND kind = 2");

    private Task LetTheLockPassAsync() =>
        _database.DoAsync($"UPDATE credentials SET locked_until = now() WHERE member_id = '{_kim.Id}' AND kind = 2");

    private Task<int> FailuresAsync() =>
        _database.AskAsync<int>($"SELECT failures FROM credentials WHERE member_id = '{_kim.Id}' AND kind = 2");
}
