using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>When a transfer asks for the PIN, and what wrong ones come to.</summary>
public sealed class PinOverHttpTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const string Wrong = "000000";
    private ApiMember _kim = null!;
    private ApiMember _lee = null!;

    public override async ValueTask InitializeAsync() => (_kim, _lee) = (await Bank.JoinAsync(funds: 500_000), await Bank.JoinAsync());

    [Fact]
    public async Task Above_300_000_won_a_transfer_and_a_hold_need_the_pin()
    {
        await MovesNothingAsync(
            _kim,
            _lee,
            async () =>
            {
                (await _kim.SendsAsync(300_001, to: _lee)).ShouldBeProblem(403, "pin_required");
                (await _kim.HoldsAsync(300_001, to: _lee)).ShouldBeProblem(403, "pin_required");
                (await _kim.SendsAsync(long.MaxValue, to: _lee)).ShouldBeProblem(403, "pin_required");
            }
        );
        (await _kim.SendsAsync(300_001, to: _lee, pin: ApiMember.Pin)).ShouldBe(201);
    }

    [Fact]
    public async Task What_was_paid_is_answered_as_the_first_time_whatever_became_of_the_pin()
    {
        var key = ApiMember.NewKey();
        var paid = (await _kim.SendsAsync(400_000, to: _lee, pin: ApiMember.Pin, key: key)).ShouldBe(201);
        for (var i = 1; i <= 5; i++)
        {
            (await _kim.SendsAsync(1_000, to: _lee, pin: Wrong)).ShouldBeProblem(403, "pin_invalid");
        }
        foreach (var pin in new[] { null, Wrong, ApiMember.Pin })
        {
            var again = (await _kim.SendsAsync(400_000, to: _lee, pin: pin, key: key)).ShouldBe(201);
            Assert.Equal((paid.Text, true), (again.Text, again.Replayed));
        }
        // Another amount under the key is another request.
        (await _kim.SendsAsync(400_001, to: _lee, key: key)).ShouldBeProblem(403, "pin_required");
        Assert.Equal(100_000, (await _kim.BalanceAsync()).Balance);
    }

    [Fact]
    public async Task Up_to_300_000_won_it_does_not_but_one_that_is_given_must_be_right()
    {
        (await _kim.SendsAsync(300_000, to: _lee)).ShouldBe(201);
        await MovesNothingAsync(
            _kim,
            _lee,
            async () => (await _kim.SendsAsync(1, to: _lee, pin: Wrong)).ShouldBeProblem(403, "pin_invalid")
        );
        (await _kim.SendsAsync(1, to: _lee, pin: ApiMember.Pin)).ShouldBe(201);
    }

    [Fact]
    public async Task Five_wrong_ones_lock_it_also_for_the_right_one_and_the_lock_says_how_long()
    {
        var key = ApiMember.NewKey();
        await MovesNothingAsync(
            _kim,
            _lee,
            async () =>
            {
                for (var i = 1; i <= 5; i++)
                {
                    (await _kim.SendsAsync(1_000, to: _lee, pin: Wrong, key: key)).ShouldBeProblem(403, "pin_invalid");
                    Assert.Equal(
                        i,
                        await Bank.AskAsync<int>($"SELECT failures FROM credentials WHERE member_id = '{_kim.Id}' AND kind = 2")
                    );
                }
                foreach (var pin in new[] { Wrong, ApiMember.Pin })
                {
                    var locked = (await _kim.SendsAsync(1_000, to: _lee, pin: pin, key: key)).ShouldBeProblem(403, "pin_locked");
                    Assert.InRange(locked.RetryAfter!.Value, 30, 60);
                }
            }
        );
        // Without a PIN, below the threshold, the member still pays.
        (await _kim.SendsAsync(500, to: _lee)).ShouldBe(201);

        await Bank.DoAsync($"UPDATE credentials SET locked_until = now() WHERE member_id = '{_kim.Id}' AND kind = 2");
        var sent = (await _kim.SendsAsync(1_000, to: _lee, pin: ApiMember.Pin, key: key)).ShouldBe(201);
        Assert.False(sent.Replayed);
        Assert.Equal(498_500, (await _kim.BalanceAsync()).Balance);
    }

    [Fact]
    public async Task What_is_no_pin_is_told_so_and_not_counted()
    {
        (await _kim.SendsAsync(1, to: _lee, pin: "12")).ShouldBeProblem(400, "invalid_request", "pin");
        Assert.Equal(0, await Bank.AskAsync<int>($"SELECT failures FROM credentials WHERE member_id = '{_kim.Id}' AND kind = 2"));
    }
}
