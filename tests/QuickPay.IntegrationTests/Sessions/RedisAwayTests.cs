using QuickPay.IntegrationTests.Members;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Sessions;

public sealed class RedisAwayTests
{
    [Fact]
    public async Task While_redis_is_away_known_sessions_go_on_for_a_minute_and_no_order_is_lost_silently()
    {
        await using var servers = await TestServers.StartOwnAsync(MemberApp.Cancellation);
        await using var app = await MemberApp.StartAsync(servers.SettingsFor("qp_api", "quickpay", "", ""));
        var kim = await app.JoinAsync();
        var known = await app.LogInAsync(kim, "known");
        var unseen = await app.LogInAsync(kim, "unseen");
        Assert.Equal(200, (await app.GetAsync("/v1/members/me", known)).Status);

        await servers.Redis.StopAsync();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await app.GetAsync("/v1/members/me", known)).Status);
        }
        var refused = await app.GetAsync("/v1/members/me", unseen);
        Assert.Equal((503, "unavailable_retry"), (refused.Status, refused.Body.Code()));
        foreach (var order in new[] { "/v1/sessions/current", $"/v1/sessions/{unseen.Id}" })
        {
            var lost = await app.DeleteAsync(order, known);
            Assert.Equal((503, "unavailable_retry"), (lost.Status, lost.Body.Code()));
        }
        Assert.Equal(503, (await app.PostAsync("/v1/sessions", kim.LogInBody())).Status);
        Assert.Equal(503, (await app.PostAsync("/v1/sessions/refresh", new { refreshToken = known.RefreshToken })).Status);

        app.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(503, (await app.GetAsync("/v1/members/me", known)).Status);

        await servers.Redis.StartAsync(MemberApp.Cancellation);
        await Eventually.IsTrueAsync(
            async () => (await app.GetAsync("/v1/members/me", known)).Status == 200,
            "sessions come back with Redis"
        );
        Assert.Equal(200, (await app.GetAsync("/v1/members/me", unseen)).Status);
        Assert.Equal(204, (await app.DeleteAsync($"/v1/sessions/{unseen.Id}", known)).Status);
        Assert.Equal("session_revoked", (await app.GetAsync("/v1/members/me", unseen)).Body.Code());
    }
}
