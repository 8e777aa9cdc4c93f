using System.Security.Cryptography;
using QuickPay.IntegrationTests.Support;
using QuickPay.Members;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>A key is made once. Whoever loses one loses what was sealed under it.</summary>
public sealed class SetupKeyTests(OwnServers servers) : SetupTest(servers)
{
    [Fact]
    public async Task Keys_that_are_there_are_left_alone()
    {
        var (token, personal) = (SigningKeys.NewSigningKey(), PersonalDataKeys.NewKey());
        Secrets.Put(TokenKey, token);
        Secrets.Put(PersonalDataKey, personal);

        (await RunAsync()).ShouldBeSuccess();

        Assert.Equal((token, personal, 0), (Secrets.TextOf(TokenKey), Secrets.TextOf(PersonalDataKey), Secrets.Puts));
    }

    [Fact]
    public async Task A_key_that_somebody_wrote_over_is_not_lost_for_good()
    {
        Secrets.Put(PersonalDataKey, PersonalDataKeys.NewKey());
        Secrets.Put(PersonalDataKey, "written-over-by-mistake");

        var reason = (await RunAsync()).ShouldBeFailure();

        Assert.Contains("AWSPREVIOUS", reason, StringComparison.Ordinal);
        Assert.Equal("written-over-by-mistake", Secrets.TextOf(PersonalDataKey));
    }

    [Fact]
    public async Task A_value_that_somebody_chose_is_not_replaced()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var chosen in (string?[])[key.ExportSubjectPublicKeyInfoPem(), null])
        {
            Secrets.Put(TokenKey, chosen);

            Assert.Contains("left as it is", (await RunAsync()).ShouldBeFailure(), StringComparison.Ordinal);
            Assert.Equal((chosen, 0), (Secrets.TextOf(TokenKey), Secrets.Puts));
        }
    }

    [Fact]
    public async Task Where_there_are_members_no_key_is_made_for_their_data()
    {
        (await RunAsync()).ShouldBeSuccess();
        await Database.AdministrateAsync(
            """
            INSERT INTO members (id, phone_index, data_key, phone, name, tier, created_at)
            VALUES (gen_random_uuid(), decode(repeat('00', 32), 'hex'), decode(repeat('00', 65), 'hex'), decode(repeat('00', 40), 'hex'),
                    decode(repeat('00', 40), 'hex'), 1, now())
            """
        );
        // A database that was restored beside secrets of another stack.
        Variables["QUICKPAY_PERSONAL_DATA_KEY_SECRET"] = FakeSecrets.ArnOf("of-another-stack");
        Secrets.Put("of-another-stack", "made-up-by-nobody-3");

        var reason = (await RunAsync("Update", FakeStack.PhysicalId)).ShouldBeFailure();

        Assert.Contains("there are members", reason, StringComparison.Ordinal);
        Assert.Equal("made-up-by-nobody-3", Secrets.TextOf("of-another-stack"));
    }

    /// <summary>Whoever writes at the same moment has seen the same value.</summary>
    [Fact]
    public async Task Of_two_who_write_at_once_the_first_ones_key_stays()
    {
        var theirs = SigningKeys.NewSigningKey();
        Secrets.BeforePut = (name, token) =>
        {
            if (name == TokenKey && Secrets.Puts == 0)
            {
                Secrets.Put(TokenKey, theirs, token);
            }
            return Task.CompletedTask;
        };

        (await RunAsync()).ShouldBeSuccess();

        Assert.Equal(theirs, Secrets.TextOf(TokenKey));
    }

    [Fact]
    public async Task A_busy_service_is_asked_again_and_one_that_refuses_is_not()
    {
        Secrets.FailNext(400, "ThrottlingException", times: 2);
        Secrets.FailNext(500, "InternalServiceError");
        (await RunAsync()).ShouldBeSuccess();
        Secrets.FailNext(400, "AccessDeniedException");

        var reason = (await RunAsync()).ShouldBeFailure();

        Assert.Contains("AccessDeniedException", reason, StringComparison.Ordinal);
        Assert.Contains(FakeSecrets.ArnOf("owner"), reason, StringComparison.Ordinal);
    }
}
