using System.Collections.Frozen;
using QuickPay.Edge.Firewall;

namespace QuickPay.Tests.Edge.Firewall;

/// <summary>What of the engine's lines goes into a record.</summary>
public sealed class RuleLogTests
{
    private const string Tail =
        """ [ver "x"] [maturity "0"] [accuracy "0"] [hostname "127.0.0.1"] [uri "/v1/transfers"] [unique_id "-"] [ref ""]""";

    private static readonly RuleLog Log = new(((int[])[941_100, 942_100, 920_330, 949_110, 10_004]).ToFrozenSet());

    [Fact]
    public void A_match_with_data_is_read_from_it() =>
        Assert.Equal(
            new RuleMatch(942_100, "sqli", 2, "ARGS:json.memo", "s&…(5)"),
            Log.Read(Line("detected SQLi using libinjection.", 942_100, "Matched Data: s&sos found within ARGS:json.memo: 1' or '1'", 2))
        );

    [Fact]
    public void A_match_without_data_is_read_from_the_comparison() =>
        Assert.Equal(
            new RuleMatch(920_330, "protocol", 5, "REQUEST_HEADERS:User-Agent", "ab…(4)"),
            Log.Read(
                Line(
                    "Matched \"Operator `Rx' with parameter `^$' against variable `REQUEST_HEADERS:User-Agent' (Value: `abcd' )",
                    920_330,
                    "",
                    5
                )
            )
        );

    [Fact]
    public void The_rule_that_adds_up_is_no_match() => Assert.Null(Log.Read(Line("", 949_110, "", 2)));

    /// <summary>Its number labels a metric, so nobody may invent one.</summary>
    [Fact]
    public void A_rule_that_does_not_exist_is_nought() =>
        Assert.Equal(
            (0, "other"),
            Log.Read(Line("(Value: `[line \"1\"] [id \"31337\"] [rev", 942_100, "", 2)) is { } match
                ? (match.RuleId, match.Attack)
                : default
        );

    [Theory]
    [InlineData("ARGS:json.password")]
    [InlineData("ARGS:json.to.pin")]
    [InlineData("ARGS:json.phone")]
    [InlineData("ARGS:counterparty")]
    [InlineData("REQUEST_HEADERS:Authorization")]
    [InlineData("REQUEST_COOKIES:session")]
    [InlineData("REQUEST_HEADERS:Cookie")]
    [InlineData("REQUEST_HEADERS:Idempotency-Key")]
    public void Of_a_secret_nothing_is_kept(string variable) => Assert.Equal("", RuleLog.Mask(variable, "hunter2"));

    [Theory]
    [InlineData("hunter2", "hu…(7)")]
    [InlineData("h", "h…(1)")]
    [InlineData("\r\nforged", "??…(8)")]
    [InlineData("김철수", "??…(3)")]
    [InlineData("", "")]
    public void Of_the_rest_two_signs_and_the_length_are_kept(string matched, string kept) =>
        Assert.Equal(kept, RuleLog.Mask("ARGS:json.memo", matched));

    /// <summary>A name may be anything: a card's number, a line break, a thousand letters.</summary>
    [Theory]
    [InlineData("ARGS:json.memo", "ARGS:json.memo")]
    [InlineData("ARGS:json.to.phone", "ARGS:json.to.phone")]
    [InlineData("ARGS_NAMES:counterparty", "ARGS_NAMES:counterparty")]
    [InlineData("ARGS_GET:cursor", "ARGS_GET:cursor")]
    [InlineData("REQUEST_HEADERS:user-agent", "REQUEST_HEADERS:user-agent")]
    [InlineData("REQUEST_COOKIES:QuickPay-Consistency", "REQUEST_COOKIES:QuickPay-Consistency")]
    [InlineData("REQUEST_FILENAME", "REQUEST_FILENAME")]
    [InlineData("ARGS:json.4111111111111111", "ARGS:*")]
    [InlineData("ARGS:json.memo.4111111111111111", "ARGS:*")]
    [InlineData("ARGS:memo", "ARGS:*")]
    [InlineData("ARGS_NAMES:json.010-1234-5678", "ARGS_NAMES:*")]
    [InlineData("ARGS_NAMES:json.a\nb", "ARGS_NAMES:*")]
    [InlineData("REQUEST_HEADERS:X-Kim-Hana", "REQUEST_HEADERS:*")]
    [InlineData("REQUEST_COOKIES_NAMES:kim@pay.example", "REQUEST_COOKIES_NAMES:*")]
    [InlineData("kim@pay.example", "*")]
    [InlineData("4111111111111111:json.memo", "*")]
    public void Only_names_that_are_known_are_kept(string variable, string kept) =>
        Assert.Equal(kept, Log.Read(Line("", 941_100, $"Matched Data: <b found within {variable}: ", 2))?.Variable);

    [Fact]
    public void Ids_are_found_however_a_rule_is_written() =>
        Assert.Equal(
            [1, 22, 333],
            RuleLog.IdsOf("SecRule X \"@y\" \"id:1,pass\"\nSecAction \\\n    \"phase:2,id:22\"\n    \"id:'9'\",\\\n    id:333,\\\n")
        );

    private static string Line(string match, int id, string data, int severity) =>
        $"ModSecurity: Warning. {match} [file \"/rules/x.conf\"] [line \"46\"] [id \"{id}\"] [rev \"\"] [msg \"m\"] [data \"{data}\"] [severity \"{severity}\"]{Tail}";
}
