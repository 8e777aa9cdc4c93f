using System.Text;
using QuickPay.Edge.Firewall;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>How the engine reads requests, and what it says of them.</summary>
public sealed class EngineTests(FirewallFixture firewall) : IClassFixture<FirewallFixture>
{
    private const string Script = "<script>alert(1)</script>";

    [Fact]
    public void A_verdict_names_rule_class_and_place_and_masks_the_rest()
    {
        var verdict = firewall.Engine.Inspect(Corpus.Place("sqli", Position.Memo, "' or 1=1--").ToInspected());

        Assert.Equal(403, verdict.Status);
        Assert.Equal(5, verdict.Score);
        var match = Assert.Single(verdict.Matches);
        Assert.Equal((942_100, "sqli", 2, "ARGS:json.memo"), (match.RuleId, match.Attack, match.Severity, match.Variable));
        Assert.Matches("^..…\\([0-9]+\\)$", match.Matched);
    }

    [Theory]
    [InlineData("""{"memo":"lunch","memo":"<script>alert(1)</script>"}""")] // the second of two
    [InlineData("""{"memo":"<script>alert(1)</script>","memo":"lunch"}""")] // the first of two
    [InlineData("""{"memo":"\u003cscript\u003ealert(1)\u003c/script\u003e"}""")] // escaped
    [InlineData("""{"m\u0065mo":"<script>alert(1)</script>"}""")] // its name escaped
    [InlineData("""{"to":{"phone":["<script>alert(1)</script>"]}}""")] // deep inside
    [InlineData("""{"password":{"x":"<script>alert(1)</script>"}}""")] // under a secret's name, but no secret
    [InlineData("""{"to":{"pin":"<script>alert(1)</script>"}}""")] // a secret's name elsewhere
    [InlineData("""["<script>alert(1)</script>"]""")]
    [InlineData("\"<script>alert(1)</script>\"")]
    public void There_is_no_way_of_writing_JSON_that_hides_a_value(string json) =>
        Assert.Equal(403, firewall.Engine.Inspect(Post(json)).Status);

    [Theory]
    [InlineData("""{"memo":"lunch" """)]
    [InlineData("""{"memo":"lunch"} x""")]
    [InlineData("""{"memo":"lunch"}{"memo":"dinner"}""")]
    [InlineData("""{"memo":"lunch",}""")]
    [InlineData("""{/* lunch */}""")]
    [InlineData("""{'memo':'lunch'}""")]
    [InlineData("memo=lunch")]
    [InlineData("   ")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]")]
    public void What_is_not_JSON_is_malformed(string body) => Assert.True(firewall.Engine.Inspect(Post(body)).IsMalformed);

    [Fact]
    public void Text_that_is_not_UTF8_is_malformed()
    {
        byte[] body = [.. "{\"memo\":\""u8, 0xC0, 0xAF, .. "\"}"u8];

        Assert.True(firewall.Engine.Inspect(Post(body)).IsMalformed);
    }

    [Fact]
    public void More_arguments_than_are_read_are_malformed()
    {
        var fields = Enumerable.Range(1, 200).Select(n => $"\"x{n}\":1").Append($"\"memo\":\"{Script}\"");

        Assert.True(firewall.Engine.Inspect(Post($"{{{string.Join(',', fields)}}}")).IsMalformed);
    }

    /// <summary>Each of these, repeated, takes some pattern of the rule set seconds.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("${")]
    [InlineData("<!--:' ")]
    [InlineData("((")]
    public void Values_that_are_longer_than_any_call_needs_are_malformed(string part)
    {
        var value = string.Concat(Enumerable.Repeat(part, 257));

        Assert.True(firewall.Engine.Inspect(Post(Corpus.Json(new { memo = value[..257] }))).IsMalformed);
        Assert.False(firewall.Engine.Inspect(Post(Corpus.Json(new { memo = value[..256] }))).IsMalformed);
    }

    [Theory]
    [InlineData(";a=$x a=$x a=$x a=$x a=$x a=$x a=$x a=$x a=$x")] // as many readings as there are subsets
    [InlineData(
        "<...................................................................................................................................."
    )]
    public void Short_values_that_take_long_are_malformed(string memo) =>
        Assert.True(firewall.Engine.Inspect(Post(Corpus.Json(new { memo }))).IsMalformed);

    [Theory]
    [InlineData("User-Agent", 512)]
    [InlineData("Referer", 512)]
    [InlineData("Cookie", 514)] // a name of one letter and =
    [InlineData("X-Other", 4_096)]
    public void Headers_that_would_take_long_to_look_at_are_malformed(string name, int lengthMax)
    {
        Assert.False(firewall.Engine.Inspect(Get(name, "c=" + new string('a', lengthMax - 2))).IsMalformed);
        Assert.True(firewall.Engine.Inspect(Get(name, "c=" + new string('a', lengthMax - 1))).IsMalformed);
    }

    [Fact]
    public void The_longest_memo_password_and_token_pass()
    {
        Assert.True(firewall.Engine.Inspect(Post(Corpus.Json(new { memo = new string('a', 200) }))).IsClean);
        Assert.True(firewall.Engine.Inspect(Post(Corpus.Json(new { memo = new string('축', 200) }))).IsClean);
        Assert.True(firewall.Engine.Inspect(Post(Corpus.Json(new { password = new string('<', 128) }))).IsClean);
        Assert.True(firewall.Engine.Inspect(Post(Corpus.Json(new { refreshToken = new string('a', 1_000) }))).IsClean);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("pin")]
    [InlineData("refreshToken")]
    [InlineData("Password")]
    [InlineData("p\\u0069n")]
    public void A_secret_may_look_like_anything(string field) =>
        Assert.True(firewall.Engine.Inspect(Post($$"""{"{{field}}":"' or 1=1-- {{Script}} \" \\","memo":"lunch"}""")).IsClean);

    /// <summary>Lines end between the fields of a body; inside of one, a line's end may be an attack.</summary>
    [Theory]
    [InlineData("{\n  \"memo\": \"budget Kim\"\n}", 0)]
    [InlineData("{\n  \"amount\": 1,\n  \"memo\": \"post it\",\n  \"currency\": \"KRW\"\n}", 0)]
    [InlineData("{\"memo\":\"get /admin HTTP/1.1\"}", 403)]
    [InlineData("{\"memo\":\"a\\r\\nget x\\r\\nHost: b\"}", 403)]
    public void A_body_may_be_written_on_several_lines(string json, int status) =>
        Assert.Equal(status, firewall.Engine.Inspect(Post(json)).Status);

    [Fact]
    public void A_secret_hides_nothing_behind_it() =>
        Assert.Equal(403, firewall.Engine.Inspect(Post($$"""{"password":"\\\"","memo":"{{Script}}"}""")).Status);

    [Fact]
    public void A_number_for_a_pin_stays_one() => Assert.True(firewall.Engine.Inspect(Post("""{"pin":-0.14e5,"amount":1}""")).IsClean);

    [Fact]
    public void A_higher_level_suspects_more()
    {
        using var strict = new ModSecurityEngine(Microsoft.Extensions.Options.Options.Create(new FirewallOptions { ParanoiaLevel = 4 }));
        var memo = Corpus.Place("honest", Position.Memo, "select * of the best").ToInspected();

        Assert.True(firewall.Engine.Inspect(memo).IsClean);
        Assert.True(strict.Inspect(memo).IsBlocked);
    }

    [Fact]
    public void Without_rules_there_is_no_engine_and_the_message_says_what_to_install()
    {
        var empty = Directory.CreateTempSubdirectory("quickpay-rules-");
        try
        {
            var failure = Assert.Throws<InvalidOperationException>(() =>
                new ModSecurityEngine(Microsoft.Extensions.Options.Options.Create(new FirewallOptions { RulesFolder = empty.FullName }))
            );

            Assert.Contains("apt-get install libmodsecurity3 modsecurity-crs", failure.Message);
        }
        finally
        {
            empty.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_rule_that_cannot_be_read_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-rules-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "REQUEST-999-BROKEN.conf"), "SecRule ARGS \"@nothing x\" \"id:1,phase:9\"\n");

            var failure = Assert.Throws<InvalidOperationException>(() =>
                new ModSecurityEngine(Microsoft.Extensions.Options.Options.Create(new FirewallOptions { RulesFolder = folder.FullName }))
            );

            Assert.Contains("REQUEST-999-BROKEN.conf", failure.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static InspectedRequest Get(string header, string value)
    {
        var request = Corpus.Place("test", Position.UserAgent, "x").ToInspected();
        return new InspectedRequest
        {
            Client = request.Client,
            Method = request.Method,
            RawTarget = request.RawTarget,
            Protocol = request.Protocol,
            Headers = [.. request.Headers.Where(other => other.Key != header), new(header, value)],
        };
    }

    private static InspectedRequest Post(string json) => Post(Encoding.UTF8.GetBytes(json));

    private static InspectedRequest Post(byte[] body)
    {
        var request = Corpus.Place("test", Position.Memo, "lunch").ToInspected();
        return new InspectedRequest
        {
            Client = request.Client,
            Method = request.Method,
            RawTarget = request.RawTarget,
            Protocol = request.Protocol,
            Headers = [.. request.Headers.Where(header => header.Key != "Content-Length"), new("Content-Length", $"{body.Length}")],
            Body = body,
        };
    }
}
