using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Money;

namespace QuickPay.IntegrationTests.Api;

/// <summary>
/// Another member's ids: they answer to the byte what ids that do not exist answer. (That they also take as long follows from the one
/// statement behind each of these calls, which has the owner in its condition.)
/// </summary>
public sealed class StrangerTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private static readonly string[] NoIds =
    [
        "0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11",
        Guid.Empty.ToString(),
        "x",
        "1%27%20OR%20%271%27=%271",
    ];

    [Theory]
    [InlineData("GET", "/v1/accounts/{0}/balance")]
    [InlineData("GET", "/v1/accounts/{0}/transactions")]
    [InlineData("GET", "/v1/accounts/{0}/statement?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z")]
    [InlineData("POST", "/v1/accounts/{0}/deposits")]
    public async Task Somebody_elses_account_is_not_there(string method, string path)
    {
        var (kim, lee) = await CoupleAsync();
        var house = HouseAccounts.Of(HousePurpose.CashIn, Currency.KRW, 0).ToString();
        await MovesNothingAsync(
            kim,
            lee,
            async () => await AlikeAsync(lee, method, path, [kim.AccountId.ToString(), house, .. NoIds], 404, "account_not_found")
        );
    }

    [Theory]
    [InlineData("GET", "/v1/transfers/{0}")]
    [InlineData("POST", "/v1/transfers/{0}/capture")]
    [InlineData("POST", "/v1/transfers/{0}/cancel")]
    public async Task Somebody_elses_transfer_is_not_there(string method, string path)
    {
        var (kim, lee) = await CoupleAsync();
        var park = await Bank.JoinAsync();
        var held = (await kim.HoldsAsync(1_000, to: lee)).ShouldBe(201);
        var sent = (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        await MovesNothingAsync(
            kim,
            lee,
            async () => await AlikeAsync(park, method, path, [held.Id.ToString(), sent.Id.ToString(), .. NoIds], 404, "transfer_not_found")
        );
        (await kim.CancelsAsync(held.Id)).ShouldBe(200);
    }

    [Fact]
    public async Task Somebody_elses_session_is_not_there()
    {
        var (kim, lee) = await CoupleAsync();
        await AlikeAsync(lee, "DELETE", "/v1/sessions/{0}", [kim.SessionId.ToString(), .. NoIds], 404, "session_not_found");
        (await kim.GetAsync("/v1/members/me")).ShouldBe(200);
    }

    [Fact]
    public async Task Nobody_sends_from_somebody_elses_account()
    {
        var (kim, lee) = await CoupleAsync();
        var park = await Bank.JoinAsync();
        await MovesNothingAsync(
            kim,
            lee,
            async () =>
            {
                var answers = new List<string>();
                foreach (var from in new[] { kim.AccountId, HouseAccounts.Of(HousePurpose.CashIn, Currency.KRW, 0), Guid.Parse(NoIds[0]) })
                {
                    foreach (var hold in new[] { false, true })
                    {
                        var body = new
                        {
                            fromAccountId = from,
                            to = new { accountId = lee.AccountId },
                            amount = 1,
                            currency = "KRW",
                            hold,
                        };
                        var answer = await park.PostAsync("/v1/transfers", body, ApiMember.NewKey());
                        answers.Add(answer.ShouldBeProblem(404, "account_not_found").TextWithoutTrace);
                    }
                }
                Assert.Single(answers.Distinct());
            }
        );
    }

    [Fact]
    public async Task The_closing_of_a_hold_is_not_told_by_its_rows_own_id()
    {
        // A capture's own row has an id too; members know the hold's alone.
        var (kim, lee) = await CoupleAsync();
        var held = await kim.HoldsAsync(1_000, to: lee);
        (await kim.CapturesAsync(held.Id)).ShouldBe(200);
        var capture = await Bank.AskAsync<Guid>($"SELECT id FROM transfers WHERE link = '{held.Id}'");
        (await kim.LooksUpAsync(capture)).ShouldBeProblem(404, "transfer_not_found");
        (await kim.CancelsAsync(capture)).ShouldBeProblem(404, "transfer_not_found");
    }

    private static async Task AlikeAsync(ApiMember stranger, string method, string path, string[] ids, int status, string code)
    {
        var answers = new List<string>();
        foreach (var id in ids)
        {
            var request = new HttpRequestMessage(
                new HttpMethod(method),
                string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id)
            );
            if (method == "POST")
            {
                request.Headers.Add("Idempotency-Key", ApiMember.NewKey());
                if (path.EndsWith("deposits", StringComparison.Ordinal))
                {
                    request.Content = System.Net.Http.Json.JsonContent.Create(new { amount = 1, currency = "KRW" });
                }
            }
            answers.Add((await stranger.SendAsync(request)).ShouldBeProblem(status, code).TextWithoutTrace);
        }
        Assert.Single(answers.Distinct());
    }
}
