using System.Text;
using QuickPay.Cli.Drills.Traffic;

namespace QuickPay.Tests.Drills;

/// <summary>What a member's program makes of what it is answered.</summary>
public sealed class AttemptTests
{
    [Theory]
    [InlineData(200, "", nameof(Verdict.Done))]
    [InlineData(201, "", nameof(Verdict.Done))]
    [InlineData(204, "", nameof(Verdict.Done))]
    [InlineData(422, "insufficient_funds", nameof(Verdict.Refused))]
    [InlineData(422, "limit_exceeded", nameof(Verdict.Refused))]
    [InlineData(422, "idempotency_key_reused", nameof(Verdict.RefusedAtTheDoor))]
    [InlineData(400, "invalid_request", nameof(Verdict.RefusedAtTheDoor))]
    [InlineData(403, "request_blocked", nameof(Verdict.RefusedAtTheDoor))]
    [InlineData(409, "phone_taken", nameof(Verdict.RefusedAtTheDoor))]
    [InlineData(429, "login_locked", nameof(Verdict.RefusedAtTheDoor))]
    [InlineData(429, "rate_limited", nameof(Verdict.NotDone))]
    [InlineData(408, "request_timeout", nameof(Verdict.NotDone))]
    [InlineData(503, "overloaded", nameof(Verdict.NotDone))]
    [InlineData(0, Attempt.ConnectFailed, nameof(Verdict.NotDone))]
    [InlineData(0, Attempt.ConnectionLost, nameof(Verdict.Open))]
    [InlineData(0, Attempt.Timeout, nameof(Verdict.Open))]
    [InlineData(409, "idempotency_in_progress", nameof(Verdict.Open))]
    [InlineData(500, "internal_error", nameof(Verdict.Open))]
    [InlineData(502, "status_502", nameof(Verdict.Open))]
    [InlineData(503, "unavailable_retry", nameof(Verdict.Open))]
    [InlineData(503, "outcome_unknown", nameof(Verdict.Open))]
    [InlineData(504, "status_504", nameof(Verdict.Open))]
    [InlineData(302, "status_302", nameof(Verdict.Open))]
    [InlineData(401, "unauthenticated", nameof(Verdict.NoSession))]
    [InlineData(401, "session_revoked", nameof(Verdict.NoSession))]
    public void Each_answer_has_its_verdict(int status, string error, string verdict) =>
        Assert.Equal(verdict, new Attempt(status, error).Verdict.ToString());

    [Theory]
    [InlineData("""{"title":"No.","code":"account_closed"}""", "account_closed")]
    [InlineData("""{"title":"No."}""", "status_502")]
    [InlineData("""{"code":7}""", "status_502")]
    [InlineData("[]", "status_502")]
    [InlineData("<html>Bad gateway</html>", "status_502")]
    [InlineData("", "status_502")]
    public void An_error_is_named_by_its_code_or_else_by_its_status(string body, string error) =>
        Assert.Equal(error, EdgeClient.CodeOf(502, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Pauses_grow_to_their_limit_and_heed_what_was_asked_up_to_a_second()
    {
        var patience = TimeSpan.FromMinutes(1);
        var growing = Enumerable.Range(1, 40).Select(failures => Pauses.Before(failures, TimeSpan.Zero, patience, 0.5)!.Value).ToList();

        Assert.Equal([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 4, 4], growing.Take(8).Select(pause => pause.TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(4), growing.Max());
        Assert.Equal(TimeSpan.FromSeconds(1), Pauses.Before(1, TimeSpan.FromSeconds(60), patience, 0.5));
        Assert.Equal((0.75, 1.25), (Scale(0), Scale(1)));

        double Scale(double random) => Pauses.Before(5, TimeSpan.Zero, patience, random)! / growing[4] ?? 0;
    }

    [Fact]
    public void Patience_is_used_up_and_not_overdrawn()
    {
        var left = TimeSpan.FromSeconds(30);
        var pauses = 0;
        while (Pauses.Before(++pauses, TimeSpan.FromSeconds(1), left, 1) is { } pause)
        {
            left -= pause;
            Assert.True(left > TimeSpan.Zero);
        }

        Assert.InRange(left, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        Assert.InRange(pauses, 8, 25);
    }
}
