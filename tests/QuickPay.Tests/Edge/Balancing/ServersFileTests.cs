using System.Text;
using QuickPay.Edge.Balancing;

namespace QuickPay.Tests.Edge.Balancing;

/// <summary>What a list of servers may be.</summary>
public sealed class ServersFileTests
{
    [Fact]
    public void A_list_is_read_as_it_is_written()
    {
        var servers = Parse(
            """{"servers": [{"id": "api-1", "address": "http://127.0.0.1:8081"}, {"id": "b", "address": "https://[::1]:9"}]}"""
        );

        Assert.Equal([new("api-1", "http://127.0.0.1:8081"), new("b", "https://[::1]:9")], servers);
    }

    [Fact]
    public void An_empty_list_is_one_of_no_servers() => Assert.Empty(Parse("""{"servers": []}"""));

    [Fact]
    public void A_hundred_servers_are_the_most()
    {
        Assert.Equal(100, Parse(Many(100)).Count);
        Assert.Contains("100 are the most", Wrong(Many(101)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not the JSON")]
    [InlineData("[]", "not the JSON")]
    [InlineData("null", "no list")]
    [InlineData("{}", "no list")]
    [InlineData("""{"servers": null}""", "no list")]
    [InlineData("""{"servers": [null]}""", "Server 1: the id")]
    [InlineData("""{"servers": [], "more": 1}""", "more")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:1", "weight": 2}]}""", "weight")]
    [InlineData("""{"servers": [{"address": "http://h:1"}]}""", "Server 1: the id")]
    [InlineData("""{"servers": [{"id": "a b", "address": "http://h:1"}]}""", "Server 1: the id")]
    [InlineData("""{"servers": [{"id": "a\n", "address": "http://h:1"}]}""", "Server 1: the id")]
    [InlineData(
        """{"servers": [{"id": "a", "address": "http://h:1"}, {"id": "A", "address": "http://h:2"}]}""",
        "Server 2: the id A is taken"
    )]
    [InlineData("""{"servers": [{"id": "a"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "h:1"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "/x"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "ftp://h:1"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:8081 "}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:8081\n"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:8081/a/.."}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://@h:8081"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http:\\\\h:8081"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [], "servers": []}""", "not the JSON")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:1", "address": "http://h:2"}]}""", "not the JSON")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:1/v1"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://h:1?x"}]}""", "Server 1: the address")]
    [InlineData("""{"servers": [{"id": "a", "address": "http://u:p@h:1"}]}""", "Server 1: the address")]
    public void What_is_no_list_of_servers_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Wrong(json), StringComparison.Ordinal);

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var wrong = Wrong("""{"servers": [{"id": "?", "address": "http://h:1"}, {"id": "b", "address": "x"}]}""");

        Assert.Contains("Server 1: the id", wrong, StringComparison.Ordinal);
        Assert.Contains("Server 2: the address", wrong, StringComparison.Ordinal);
    }

    private static string Many(int count) =>
        $$"""{"servers": [{{string.Join(',', Enumerable.Range(1, count).Select(n => $$"""{"id": "s{{n}}", "address": "http://h:{{n}}"}"""))}}]}""";

    private static string Wrong(string json) => Assert.Throws<InvalidDataException>(() => Parse(json)).Message;

    private static IReadOnlyList<ApiServer> Parse(string json) => ServersFile.Parse(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
