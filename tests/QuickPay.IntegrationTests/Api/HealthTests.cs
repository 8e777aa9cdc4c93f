using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>What anybody may ask: whether the server lives and can serve, and the keys that tokens are signed with.</summary>
public sealed class HealthTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    [Fact]
    public async Task A_server_says_that_it_lives_and_is_ready_and_no_more()
    {
        Assert.Equal("live\n", (await Bank.GetAsync("/health/live")).ShouldBe(200).Text);
        Assert.Equal("ready\n", (await Bank.GetAsync("/health/ready")).ShouldBe(200).Text);
    }

    [Fact]
    public async Task Without_a_month_to_come_it_is_not_ready()
    {
        await using var bank = await ApiBank.OpenAsync(Servers);
        await bank.Owner.DoAsync(
            """
            DO $$ DECLARE month text; BEGIN
                FOR month IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'transfers'::regclass
                    AND inhrelid::regclass::text > 'transfers_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')
                LOOP EXECUTE 'DROP TABLE ' || month; END LOOP;
            END $$
            """
        );
        Assert.Equal("not ready\n", (await bank.GetAsync("/health/ready")).ShouldBe(503).Text);
        (await bank.GetAsync("/health/live")).ShouldBe(200);
    }

    [Fact]
    public async Task The_published_key_verifies_a_members_token()
    {
        var (kim, _) = await CoupleAsync();
        var key = (await Bank.GetAsync("/.well-known/jwks.json")).ShouldBe(200)["keys"][0];
        using var verifier = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint
                {
                    X = Base64Url.DecodeFromChars(key.GetProperty("x").GetString()),
                    Y = Base64Url.DecodeFromChars(key.GetProperty("y").GetString()),
                },
            }
        );
        var parts = kim.AccessToken.Split('.');
        Assert.True(
            verifier.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                Base64Url.DecodeFromChars(parts[2]),
                HashAlgorithmName.SHA256
            )
        );
        Assert.Contains(
            key.GetProperty("kid").GetString()!,
            Encoding.ASCII.GetString(Base64Url.DecodeFromChars(parts[0])),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("\"d\"", key.GetRawText(), StringComparison.Ordinal);
    }
}
