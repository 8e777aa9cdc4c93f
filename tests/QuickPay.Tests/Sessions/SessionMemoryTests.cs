using QuickPay.Memory;
using QuickPay.Sessions;

namespace QuickPay.Tests.Sessions;

public sealed class SessionMemoryTests
{
    private const long Now = 1_000_000;

    [Fact]
    public void A_refresh_token_survives_its_text_form_and_nothing_else_does()
    {
        var member = Guid.Parse("01980000-0000-7000-8000-000000000001");
        var session = Guid.Parse("01980000-0000-7000-8000-00000000000a");
        var token = RefreshToken.Begin(member, session);
        Assert.Equal(RefreshToken.TextLength, token.Reveal().Length);
        Assert.True(RefreshToken.TryParse(token.Reveal(), out var parsed));
        Assert.Equal(member, parsed.MemberId);
        Assert.Equal(session, parsed.SessionId);
        Assert.Equal(token.Digest, parsed.Digest);
        Assert.DoesNotContain(token.Reveal()[..20], token.ToString(), StringComparison.Ordinal);

        foreach (var wrong in new[] { null, "", "x", token.Reveal()[1..], token.Reveal() + "A", new string('*', RefreshToken.TextLength) })
        {
            Assert.False(RefreshToken.TryParse(wrong, out _));
        }
    }

    [Fact]
    public void The_next_refresh_token_is_of_the_same_family_and_another_one()
    {
        var first = RefreshToken.Begin(Guid.Empty, Guid.Empty);
        var next = first.Next();
        Assert.Equal(first.FamilyDigest, next.FamilyDigest);
        Assert.NotEqual(first.Digest, next.Digest);
        Assert.NotEqual(first.FamilyDigest, RefreshToken.Begin(Guid.Empty, Guid.Empty).FamilyDigest);
    }

    [Fact]
    public void A_bounded_map_keeps_what_is_used_and_never_grows_over_its_bound()
    {
        var map = new GenerationalCache<int, string>(100);
        map.GetOrAdd(-1, "used");
        for (var i = 0; i < 10_000; i++)
        {
            map.GetOrAdd(i, "once");
            Assert.True(map.TryGet(-1, out var used));
            Assert.Equal("used", used);
        }
        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => map.TryGet(i, out _)), 1, 100);
    }

    [Fact]
    public void What_is_set_takes_the_place_of_what_was_there_in_either_generation()
    {
        var map = new GenerationalCache<int, string>(10);
        map.Set(0, "first");
        map.Set(0, "second");
        Assert.True(map.TryGet(0, out var value));
        Assert.Equal("second", value);
        for (var i = 1; i <= 4; i++)
        {
            map.Set(i, "other");
        }
        map.Set(0, "third");
        Assert.True(map.TryGet(0, out value));
        Assert.Equal("third", value);
        for (var i = 10; i < 1_000; i++)
        {
            map.Set(i, "many");
        }
        Assert.False(map.TryGet(0, out _));
        Assert.InRange(Enumerable.Range(0, 1_000).Count(i => map.TryGet(i, out _)), 1, 10);
    }

    [Fact]
    public void A_remembered_pin_matches_until_it_expires()
    {
        var session = new SeenSession(Guid.Empty);
        byte[] right = [1, 2, 3];
        Assert.False(session.PinMatches(right, Now, 300));
        session.RememberPin(Now + 300, right);
        Assert.True(session.PinMatches(right, Now, 300));
        Assert.True(session.PinMatches(right, Now + 299, 300));
        Assert.False(session.PinMatches(right, Now + 300, 300));
    }

    [Fact]
    public void A_pin_that_a_server_with_a_wrong_clock_remembered_for_too_long_is_asked_for()
    {
        var session = new SeenSession(Guid.Empty);
        byte[] right = [1, 2, 3];
        session.RememberPin(Now + 3_600_000 + 300, right);
        Assert.False(session.PinMatches(right, Now, 300));
        // Clocks of our servers may differ by five seconds.
        session.RememberPin(Now + 5_300, right);
        Assert.True(session.PinMatches(right, Now, 300));
    }

    [Fact]
    public void One_wrong_guess_spends_the_memory_even_if_redis_still_shows_it()
    {
        var session = new SeenSession(Guid.Empty);
        byte[] right = [1, 2, 3];
        session.RememberPin(Now + 300, right);
        Assert.False(session.PinMatches([3, 2, 1], Now, 300));
        Assert.False(session.PinMatches(right, Now, 300));
        session.RememberPin(0, default);
        session.RememberPin(Now + 300, right);
        Assert.False(session.PinMatches(right, Now, 300));
        session.RememberPin(Now + 301, right);
        Assert.True(session.PinMatches(right, Now, 300));
    }

    [Fact]
    public void A_sessions_value_names_its_member_and_its_pin()
    {
        var member = Guid.Parse("01980000-0000-7000-8000-000000000001");
        var digest = new byte[SessionValue.PinDigestBytes];
        digest[0] = 7;
        byte[] value = [.. SessionValue.Of(member), .. SessionValue.PinPart(12345, digest)];
        Assert.True(SessionValue.BelongsTo(value, member));
        Assert.False(SessionValue.BelongsTo(value, Guid.Empty));
        Assert.False(SessionValue.BelongsTo([], Guid.Empty));
        Assert.Equal(12345, SessionValue.PinExpiresAtMs(value));
        Assert.Equal(digest, SessionValue.PinDigest(value));
        Assert.Equal(0, SessionValue.PinExpiresAtMs(SessionValue.Of(member)));
        Assert.Equal(SessionValue.PinOffset, SessionValue.Of(member).Length);
    }
}
