using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Rates;

/// <summary><c>GET /v1/rates</c>.</summary>
public sealed class RatesOverHttpTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    public override async ValueTask InitializeAsync() => await SomeRates.PublishAsync(Bank.Database);

    [Fact]
    public async Task A_member_sees_what_a_won_is_worth()
    {
        var (kim, _) = await CoupleAsync();

        var answer = (await kim.GetAsync("/v1/rates?base=KRW")).ShouldBe(200);

        Assert.Equal(
            $$$"""
            {"base":"KRW","asOf":"{{{SomeRates.Yesterday():yyyy-MM-dd}}}","source":"file","stale":false,"rates":{"EUR":"0.000585412","JPY":"0.105374","USD":"0.000679077"}}
            """,
            answer.Text
        );
        // In the order in which this client writes it.
        Assert.Equal("max-age=60, private", answer.Header("Cache-Control"));
    }

    [Theory]
    [InlineData("EUR", "KRW", "1708.2")]
    [InlineData("USD", "EUR", "0.862069")]
    [InlineData("JPY", "USD", "0.00644444")]
    public async Task Any_currency_that_the_source_knows_can_be_the_base(string from, string to, string rate)
    {
        var (kim, _) = await CoupleAsync();

        var rates = (await kim.GetAsync($"/v1/rates?base={from}")).ShouldBe(200)["rates"];

        Assert.Equal(rate, rates.GetProperty(to).GetString());
        Assert.False(rates.TryGetProperty(from, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?base=")]
    [InlineData("?base=krw")]
    [InlineData("?base=KR")]
    [InlineData("?base=KRW%20")]
    [InlineData("?base=410")]
    [InlineData("?base=%EF%BC%AB%EF%BC%B2%EF%BC%B7")]
    [InlineData("?base=KRW&base=USD")]
    [InlineData("?base=XAU")]
    public async Task A_base_that_is_none_is_named(string query)
    {
        var (kim, _) = await CoupleAsync();
        (await kim.GetAsync("/v1/rates" + query)).ShouldBeProblem(400, "invalid_request", "base");
    }

    [Fact]
    public async Task An_unknown_base_is_told_which_ones_there_are()
    {
        var (kim, _) = await CoupleAsync();
        var errors = (await kim.GetAsync("/v1/rates?base=XAU"))["errors"].GetProperty("base");

        Assert.Equal("Must be one of EUR, JPY, KRW, USD.", errors[0].GetString());
    }

    [Fact]
    public async Task Without_a_session_nobody_sees_any() =>
        (await Bank.GetAsync("/v1/rates?base=KRW")).ShouldBeProblem(401, "unauthenticated");

    [Fact]
    public async Task Before_the_first_good_look_there_are_none_and_after_it_there_are()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        var kim = await bank.JoinAsync();

        var none = (await kim.GetAsync("/v1/rates?base=KRW")).ShouldBeProblem(503, "rates_unavailable");
        Assert.Equal(60, none.RetryAfter);
        (await kim.GetAsync("/v1/rates?base=krw")).ShouldBeProblem(400, "invalid_request", "base");

        await SomeRates.PublishAsync(bank.Database);
        (await kim.GetAsync("/v1/rates?base=KRW")).ShouldBe(200);
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task The_last_good_ones_are_shown_as_what_they_are()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        var kim = await bank.JoinAsync();
        await SomeRates.PublishAsync(bank.Database);
        await SomeRates.PassAsync(bank.Database, TimeSpan.FromHours(3));

        var answer = (await kim.GetAsync("/v1/rates?base=KRW")).ShouldBe(200);

        Assert.True(answer["stale"].GetBoolean());
        Assert.Equal("0.000679077", answer["rates"].GetProperty("USD").GetString());
        await bank.ShouldBalanceAsync();
    }
}
