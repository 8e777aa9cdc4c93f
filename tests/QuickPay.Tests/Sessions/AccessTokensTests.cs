using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Sessions;

namespace QuickPay.Tests.Sessions;

public sealed class AccessTokensTests : IDisposable
{
    private static readonly Caller Kim = new(
        Guid.Parse("01980000-0000-7000-8000-000000000001"),
        Guid.Parse("01980000-0000-7000-8000-00000000000a")
    );

    /// <summary>A host looks into the files as often as that.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly TokenKeys _files = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
    private readonly string _keyFile;
    private readonly AccessTokens _tokens;

    public AccessTokensTests()
    {
        _keyFile = _files.Make();
        _tokens = Tokens(_keyFile);
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_token_names_its_member_and_session()
    {
        var token = _tokens.Issue(Kim);
        Assert.Equal(Kim, await _tokens.AuthenticateAsync("Bearer " + token));
        Assert.Equal(Kim, await _tokens.AuthenticateAsync("Bearer " + token));
        Assert.Equal(Kim, await _tokens.AuthenticateAsync("bearer " + token));
        Assert.Equal(Kim, await Tokens(_keyFile).AuthenticateAsync("Bearer " + token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer x")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Bearer ..")]
    [InlineData("Basic a2ltOnNlY3JldA==")]
    public async Task What_is_no_token_is_nobody(string? header) => Assert.Null(await _tokens.AuthenticateAsync(header));

    [Fact]
    public async Task A_token_ends_with_its_lifetime_also_when_it_is_remembered()
    {
        var header = "Bearer " + _tokens.Issue(Kim);
        Assert.NotNull(await _tokens.AuthenticateAsync(header));
        _time.Advance(TimeSpan.FromSeconds(900) + AccessTokens.ClockSkew);
        Assert.Null(await _tokens.AuthenticateAsync(header));
        Assert.Null(await Tokens(_keyFile).AuthenticateAsync(header));
    }

    [Fact]
    public async Task A_token_from_the_future_is_refused_beyond_the_skew_of_our_clocks()
    {
        _time.Advance(TimeSpan.FromSeconds(30));
        var header = "Bearer " + _tokens.Issue(Kim);
        _time.AdjustTime(_time.GetUtcNow() - TimeSpan.FromSeconds(10));
        Assert.Null(await _tokens.AuthenticateAsync(header));
        _time.AdjustTime(_time.GetUtcNow() + TimeSpan.FromSeconds(6));
        Assert.NotNull(await _tokens.AuthenticateAsync(header));
    }

    [Fact]
    public async Task A_token_of_another_key_is_forged()
    {
        var stranger = Tokens(_files.Make());
        Assert.Null(await _tokens.AuthenticateAsync("Bearer " + stranger.Issue(Kim)));
    }

    [Fact]
    public async Task A_token_of_another_key_that_claims_ours_by_its_name_is_forged()
    {
        var parts = _tokens.Issue(Kim).Split('.');
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = other.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256);
        Assert.Null(await _tokens.AuthenticateAsync($"Bearer {parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}"));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES384")]
    public async Task Another_algorithm_is_refused(string algorithm)
    {
        var parts = _tokens.Issue(Kim).Split('.');
        var header = JsonSerializer.Deserialize<Dictionary<string, string>>(Base64Url.DecodeFromChars(parts[0]))!;
        header["alg"] = algorithm;
        var head = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header));
        // HS256 as the well-known attack does it: signed with the public key as if it were a shared secret.
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(_keyFile, TestContext.Current.CancellationToken));
        var mac = HMACSHA256.HashData(
            Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes($"{head}.{parts[1]}")
        );
        var signature = algorithm == "HS256" ? Base64Url.EncodeToString(mac) : "";
        Assert.Null(await _tokens.AuthenticateAsync($"Bearer {head}.{parts[1]}.{signature}"));
        Assert.Null(await _tokens.AuthenticateAsync($"Bearer {head}.{parts[1]}.{parts[2]}"));
    }

    [Fact]
    public async Task A_changed_claim_is_noticed()
    {
        var parts = _tokens.Issue(Kim).Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var changed = claims.Replace(Kim.MemberId.ToString(), Guid.Empty.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(claims, changed);
        Assert.Null(
            await _tokens.AuthenticateAsync($"Bearer {parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(changed))}.{parts[2]}")
        );
    }

    [Fact]
    public async Task A_token_for_another_audience_is_not_for_us()
    {
        var other = new AccessTokens(TokenKeys.Options(_keyFile, audience: "somebody"), Keys(_keyFile), _time);
        Assert.Null(await _tokens.AuthenticateAsync("Bearer " + other.Issue(Kim)));
    }

    [Fact]
    public async Task An_overlong_header_is_not_even_looked_at() =>
        Assert.Null(await _tokens.AuthenticateAsync("Bearer " + _tokens.Issue(Kim) + new string(' ', 4096)));

    [Fact]
    public async Task While_keys_are_changed_tokens_of_both_are_believed()
    {
        var newKey = _files.Make();
        var before = "Bearer " + _tokens.Issue(Kim);
        var changed = new AccessTokens(TokenKeys.Options(newKey), Keys(newKey, alsoBelieved: _keyFile), _time);
        Assert.Equal(Kim, await changed.AuthenticateAsync(before));
        Assert.Equal(Kim, await changed.AuthenticateAsync("Bearer " + changed.Issue(Kim)));
    }

    /// <summary>As keys are replaced: the new one is believed everywhere before it signs anywhere, and the old one as long as its tokens live.</summary>
    [Fact]
    public async Task Keys_are_replaced_in_their_files_while_hosts_run()
    {
        var (old, @new) = (File.ReadAllText(_keyFile), File.ReadAllText(_files.Make()));
        var (signing, next, before) = (_files.Write(old), _files.Write(old), _files.Write(old));
        var keys = Keys(signing, alsoBelieved: $"{next},{before}");
        var host = new AccessTokens(TokenKeys.Options(signing), keys, _time);
        var (byOld, byNew) = ("Bearer " + host.Issue(Kim), "Bearer " + Tokens(_files.Write(@new)).Issue(Kim));
        Assert.Equal((Kim, null), (await host.AuthenticateAsync(byOld), await host.AuthenticateAsync(byNew)));
        Assert.Single(KeysIn(keys));

        Replace(next, @new);
        Assert.Equal((Kim, Kim), (await host.AuthenticateAsync(byOld), await host.AuthenticateAsync(byNew)));
        Assert.Equal(KeyOf(byOld), KeyOf(host.Issue(Kim)));

        Replace(signing, @new);
        Assert.Equal((Kim, Kim), (await host.AuthenticateAsync(byOld), await host.AuthenticateAsync(byNew)));
        Assert.Equal(KeyOf(byNew), KeyOf(host.Issue(Kim)));

        // At last not any more, though it was verified and remembered.
        Replace(before, @new);
        Assert.Equal((null, Kim), (await host.AuthenticateAsync(byOld), await host.AuthenticateAsync(byNew)));
        Assert.Equal([KeyOf(byNew)], KeysIn(keys));

        void Replace(string file, string key)
        {
            File.WriteAllText(file, key);
            _time.Advance(Look);
        }
    }

    [Fact]
    public async Task A_file_that_is_wrong_or_gone_meanwhile_changes_nothing()
    {
        var signing = _files.Write(File.ReadAllText(_keyFile));
        var host = new AccessTokens(TokenKeys.Options(signing), Keys(signing), _time);
        var token = "Bearer " + host.Issue(Kim);

        foreach (
            var wrong in (string?[])
                ["no key", "", PublicHalfOf(_keyFile), File.ReadAllText(_files.Make(ECCurve.NamedCurves.nistP384)), null]
        )
        {
            File.Delete(signing);
            if (wrong is not null)
            {
                File.WriteAllText(signing, wrong);
            }
            _time.Advance(Look);
            Assert.Equal(Kim, await host.AuthenticateAsync(token));
            Assert.Equal(Kim, await host.AuthenticateAsync("Bearer " + host.Issue(Kim)));
        }
        File.WriteAllText(signing, File.ReadAllText(_files.Make()));
        _time.Advance(Look);
        Assert.Null(await host.AuthenticateAsync(token));
    }

    [Fact]
    public void The_key_set_shows_public_halves_only_under_the_names_tokens_carry()
    {
        var keys = Keys(_keyFile);
        using var shown = JsonDocument.Parse(keys.JsonWebKeySet);
        var key = Assert.Single(shown.RootElement.GetProperty("keys").EnumerateArray());
        Assert.False(key.TryGetProperty("d", out _));
        var header = JsonDocument.Parse(Base64Url.DecodeFromChars(_tokens.Issue(Kim).Split('.')[0])).RootElement;
        Assert.Equal(key.GetProperty("kid").GetString(), header.GetProperty("kid").GetString());
        Assert.Equal("ES256", header.GetProperty("alg").GetString());
    }

    [Fact]
    public void A_key_that_is_none_is_named_at_start()
    {
        Assert.Null(SigningKeys.WhyUnreadable(_keyFile));
        Assert.NotNull(SigningKeys.WhyUnreadable(_files.Write("no key")));
        Assert.NotNull(SigningKeys.WhyUnreadable(_files.Make(ECCurve.NamedCurves.nistP384)));
        Assert.NotNull(SigningKeys.WhyUnreadable("/nowhere/token-signing.pem"));
    }

    [Fact]
    public async Task A_host_with_the_public_half_alone_verifies_and_cannot_issue()
    {
        var options = TokenKeys.Options("", alsoBelieved: _files.Write(PublicHalfOf(_keyFile)));
        var edge = new AccessTokens(options, new SigningKeys(options, _time), _time);

        Assert.Equal(Kim, await edge.AuthenticateAsync("Bearer " + _tokens.Issue(Kim)));
        Assert.Null(await edge.AuthenticateAsync("Bearer " + Tokens(_files.Make()).Issue(Kim)));
        Assert.Throws<InvalidOperationException>(() => edge.Issue(Kim));
        Assert.Empty(options.Value.Validate(new ValidationContext(options.Value)));
    }

    [Fact]
    public void Without_any_key_or_with_a_public_one_to_sign_with_no_host_starts()
    {
        var none = TokenKeys.Options("").Value;
        var publicOnly = TokenKeys.Options(_files.Write(PublicHalfOf(_keyFile))).Value;

        Assert.Single(none.Validate(new ValidationContext(none)));
        Assert.Single(publicOnly.Validate(new ValidationContext(publicOnly)));
    }

    private static string[] KeysIn(SigningKeys keys) =>
        [
            .. JsonDocument
                .Parse(keys.JsonWebKeySet)
                .RootElement.GetProperty("keys")
                .EnumerateArray()
                .Select(key => key.GetProperty("kid").GetString()!),
        ];

    private static string KeyOf(string token) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split(' ')[^1].Split('.')[0])).RootElement.GetProperty("kid").GetString()!;

    private static string PublicHalfOf(string keyFile)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(keyFile));
        return key.ExportSubjectPublicKeyInfoPem();
    }

    private AccessTokens Tokens(string keyFile) => new(TokenKeys.Options(keyFile), Keys(keyFile), _time);

    private SigningKeys Keys(string keyFile, string alsoBelieved = "") => new(TokenKeys.Options(keyFile, alsoBelieved), _time);
}
