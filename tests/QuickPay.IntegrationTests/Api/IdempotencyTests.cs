using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>One key, one payment: replays, other bodies, refusals, races and other servers.</summary>
public sealed class IdempotencyTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private ApiMember _kim = null!;
    private ApiMember _lee = null!;

    public override async ValueTask InitializeAsync() => (_kim, _lee) = (await Bank.JoinAsync(funds: 400_000), await Bank.JoinAsync());

    [Fact]
    public async Task A_replay_answers_alike_to_the_byte_and_moves_nothing()
    {
        var key = ApiMember.NewKey();
        var first = (await _kim.SendsAsync(30_000, to: _lee, key: key, memo: "점심 🍜")).ShouldBe(201);
        Assert.Null(first.Header("Idempotency-Replayed"));
        await _kim.SendsAsync(1_000, to: _lee);

        for (var i = 0; i < 3; i++)
        {
            var replay = (await _kim.SendsAsync(30_000, to: _lee, key: key, memo: "점심 🍜")).ShouldBe(201);
            Assert.True(replay.Replayed);
            Assert.Equal(first.Bytes, replay.Bytes);
            Assert.NotNull(replay.Consistency);
        }
        Assert.Equal(369_000, (await _kim.BalanceAsync()).Balance);
    }

    [Fact]
    public async Task Every_call_that_moves_money_replays()
    {
        async Task ReplaysAsync(Func<string, Task<ApiAnswer>> call, int status)
        {
            var key = ApiMember.NewKey();
            var first = (await call(key)).ShouldBe(status);
            var replay = (await call(key)).ShouldBe(status);
            Assert.Equal((first.Text, true, false), (replay.Text, replay.Replayed, first.Replayed));
        }

        await ReplaysAsync(key => _kim.DepositsAsync(1_000, key), 201);
        await ReplaysAsync(key => _kim.HoldsAsync(1_000, _lee, key), 201);
        var (captured, part, cancelled) = (await HoldAsync(), await HoldAsync(), await HoldAsync());
        await ReplaysAsync(key => _kim.CapturesAsync(captured, key: key), 200);
        await ReplaysAsync(key => _lee.CapturesAsync(part, 400, key), 200);
        await ReplaysAsync(key => _lee.CancelsAsync(cancelled, key), 200);
        Assert.Equal(new ApiBalance(399_600, 398_600, 1_000, 9), await _kim.BalanceAsync());
    }

    [Fact]
    public async Task The_first_answer_stands_also_when_the_hold_has_been_captured_since()
    {
        var key = ApiMember.NewKey();
        var held = await _kim.HoldsAsync(1_000, _lee, key);
        (await _lee.CapturesAsync(held.Id)).ShouldBe(200);
        Assert.Equal(held.Text, (await _kim.HoldsAsync(1_000, _lee, key)).ShouldBe(201).Text);
    }

    [Fact]
    public async Task Another_body_under_a_key_is_refused_field_by_field()
    {
        var key = ApiMember.NewKey();
        (await _kim.SendsAsync(30_000, to: _lee, key: key, memo: "rent")).ShouldBe(201);
        object[] others =
        [
            _kim.Transfer(30_001, _lee, "rent"),
            _kim.Transfer(30_000, _lee, "Rent"),
            _kim.Transfer(30_000, _lee, ""),
            _kim.Transfer(30_000, _lee),
            _kim.Transfer(30_000, _kim, "rent"),
            Body(to: new { accountNumber = _lee.AccountNumber }),
            Body(to: new { phone = _lee.Phone }),
            Body(currency: "USD"),
            Body(hold: true),
        ];
        foreach (var other in others)
        {
            (await _kim.PostAsync("/v1/transfers", other, key)).ShouldBeProblem(422, "idempotency_key_reused");
        }
        // hold: false is what leaving it out means.
        Assert.True((await _kim.PostAsync("/v1/transfers", Body(), key)).ShouldBe(201).Replayed);
        Assert.Equal(370_000, (await _kim.BalanceAsync()).Balance);

        object Body(object? to = null, string currency = "KRW", bool hold = false) =>
            new
            {
                fromAccountId = _kim.AccountId,
                to = to ?? new { accountId = _lee.AccountId },
                amount = 30_000,
                currency,
                memo = "rent",
                hold,
            };
    }

    [Fact]
    public async Task Another_amount_or_transfer_under_the_key_of_a_deposit_or_capture_is_refused()
    {
        var key = ApiMember.NewKey();
        (await _kim.DepositsAsync(1_000, key)).ShouldBe(201);
        (await _kim.DepositsAsync(2_000, key)).ShouldBeProblem(422, "idempotency_key_reused");

        var (one, two) = (await HoldAsync(), await HoldAsync());
        (await _kim.CapturesAsync(one, 500, key)).ShouldBe(200);
        (await _kim.CapturesAsync(one, 501, key)).ShouldBeProblem(422, "idempotency_key_reused");
        (await _kim.CapturesAsync(two, 500, key)).ShouldBeProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task The_pin_is_no_part_of_what_was_asked()
    {
        var key = ApiMember.NewKey();
        var first = (await _kim.SendsAsync(1_000, to: _lee, key: key)).ShouldBe(201);
        foreach (var pin in new[] { ApiMember.Pin, "000000" })
        {
            var withPin = (await _kim.SendsAsync(1_000, to: _lee, key: key, pin: pin)).ShouldBe(201);
            Assert.Equal((first.Text, true), (withPin.Text, withPin.Replayed));
        }
        // The wrong one was counted all the same.
        Assert.Equal(1, await Bank.AskAsync<int>($"SELECT failures FROM credentials WHERE member_id = '{_kim.Id}' AND kind = 2"));
    }

    [Fact]
    public async Task A_refusal_stands_also_when_it_would_not_be_one_any_more()
    {
        var key = ApiMember.NewKey();
        var first = (await _lee.SendsAsync(1_000, to: _kim, key: key)).ShouldBeProblem(422, "insufficient_funds");
        (await _lee.DepositsAsync(5_000)).ShouldBe(201);

        var replay = (await _lee.SendsAsync(1_000, to: _kim, key: key)).ShouldBeProblem(422, "insufficient_funds");
        Assert.Equal((first.TextWithoutTrace, true, false), (replay.TextWithoutTrace, replay.Replayed, first.Replayed));
        (await _lee.SendsAsync(2_000, to: _kim, key: key)).ShouldBeProblem(422, "idempotency_key_reused");
        Assert.Equal(5_000, (await _lee.BalanceAsync()).Balance);
    }

    [Fact]
    public async Task What_a_limit_left_is_replayed_with_the_refusal()
    {
        var key = ApiMember.NewKey();
        var first = (await _kim.DepositsAsync(100_001, key)).ShouldBeProblem(422, "limit_exceeded");
        Assert.Equal(("walletCap", 100_000), (first.Word("limit"), first.Number("remaining")));
        (await _kim.SendsAsync(50_000, to: _lee)).ShouldBe(201);
        var replay = (await _kim.DepositsAsync(100_001, key)).ShouldBeProblem(422, "limit_exceeded");
        Assert.Equal((first.TextWithoutTrace, true), (replay.TextWithoutTrace, replay.Replayed));
    }

    [Fact]
    public async Task What_is_not_decided_by_the_ledger_leaves_the_key_free()
    {
        var key = ApiMember.NewKey();
        (await _kim.PostAsync("/v1/transfers", "{}", key)).ShouldBe(400);
        (await _kim.SendsAsync(310_000, to: _lee, key: key)).ShouldBeProblem(403, "pin_required");
        (await _kim.SendsAsync(310_000, to: _lee, key: key, pin: "000000")).ShouldBeProblem(403, "pin_invalid");
        (await _kim.SendsAsync(310_000, to: _lee, key: key, pin: ApiMember.Pin)).ShouldBe(201);
    }

    [Fact]
    public async Task Keys_are_a_members_own_and_an_operations_own()
    {
        var key = ApiMember.NewKey();
        var held = await HoldAsync();
        var toCancel = await HoldAsync();
        (await _kim.SendsAsync(1_000, to: _lee, key: key)).ShouldBe(201);
        ApiAnswer[] others =
        [
            await _lee.SendsAsync(500, to: _kim, key: key),
            await _kim.DepositsAsync(1_000, key),
            await _kim.CapturesAsync(held, key: key),
            await _lee.CancelsAsync(toCancel, key),
        ];
        Assert.All(others, other => Assert.True(other.Status is 200 or 201 && !other.Replayed, other.Text));
    }

    [Fact]
    public async Task One_key_sent_many_times_at_once_to_two_servers_pays_once()
    {
        await using var other = ApiBank.Open(Bank.Database);
        var key = ApiMember.NewKey();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 32).Select(i => _kim.Through(i % 2 == 0 ? Bank : other).SendsAsync(10_000, to: _lee, key: key))
        );
        var done = answers.Where(answer => answer.Status == 201).ToList();
        Assert.All(answers.Except(done), answer => answer.ShouldBeProblem(409, "idempotency_in_progress"));
        Assert.Single(done, answer => !answer.Replayed);
        Assert.Single(done.Select(answer => answer.Text).Distinct());
        Assert.Equal(390_000, (await _kim.BalanceAsync()).Balance);
    }

    [Fact]
    public async Task A_key_outlives_the_session_that_used_it()
    {
        var key = ApiMember.NewKey();
        var first = await _kim.SendsAsync(1_000, to: _lee, key: key);
        (await _kim.DeleteAsync("/v1/sessions/current")).ShouldBe(204);
        await _kim.LogsInAsync();
        Assert.Equal(first.Bytes, (await _kim.SendsAsync(1_000, to: _lee, key: key)).ShouldBe(201).Bytes);
    }

    [Fact]
    public async Task A_key_is_1_to_128_visible_ascii_characters()
    {
        var (longest, odd) = (new string('k', 128), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
        (await _kim.SendsAsync(1, to: _lee, key: longest)).ShouldBe(201);
        (await _kim.SendsAsync(1, to: _lee, key: odd)).ShouldBe(201);
        foreach (var key in new[] { longest + "k", "two words", "열쇠", "kéy", "\u00a0" })
        {
            (await _kim.SendsAsync(1, to: _lee, key: key)).ShouldBeProblem(400, "invalid_request", "Idempotency-Key");
        }
        var twice = new HttpRequestMessage(HttpMethod.Post, "/v1/transfers");
        twice.Headers.TryAddWithoutValidation("Idempotency-Key", ["one", "two"]);
        twice.Content = System.Net.Http.Json.JsonContent.Create(_kim.Transfer(1, _lee));
        (await _kim.SendAsync(twice)).ShouldBeProblem(400, "invalid_request", "Idempotency-Key");
    }

    [Fact]
    public async Task Without_a_key_no_money_moves()
    {
        var held = await HoldAsync();
        foreach (
            var (path, body) in new (string, object?)[]
            {
                ("/v1/transfers", _kim.Transfer(1_000, _lee)),
                ($"/v1/accounts/{_kim.AccountId}/deposits", new { amount = 1_000, currency = "KRW" }),
                ($"/v1/transfers/{held}/capture", null),
                ($"/v1/transfers/{held}/cancel", null),
            }
        )
        {
            (await _kim.PostAsync(path, body)).ShouldBeProblem(400, "idempotency_key_missing");
            (await _kim.PostAsync(path, body, key: "")).ShouldBeProblem(400, "idempotency_key_missing");
        }
        Assert.Equal(new ApiBalance(400_000, 399_000, 1_000, 2), await _kim.BalanceAsync());
    }

    private async Task<Guid> HoldAsync() => (await _kim.HoldsAsync(1_000, _lee)).ShouldBe(201).Id;
}
