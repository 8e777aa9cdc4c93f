using System.Text;
using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class ResponseParserTests
{
    private const string Id = "0199f5a0-1234-7abc-8def-0123456789ab";
    private const string Body = $$"""{"id":"{{Id}}","status":"posted"}""";

    private static readonly string Plain =
        $"HTTP/1.1 201 Created\r\ncontent-LENGTH: {Body.Length}\r\nContent-Type: application/json\r\n\r\n{Body}";
    private static readonly string Chunked =
        $"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n";

    public static TheoryData<string> Whole => [Plain, Chunked];

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_whole_answer_gives_status_length_and_id(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(ParseOutcome.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.Equal((201, bytes.Length, false), (response.Status, response.Length, response.Closes));
        Assert.True(ResponseParser.TryReadId(bytes.AsSpan(response.BodyStart, response.BodyLength), out var id));
        Assert.Equal(Guid.Parse(Id), id);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void An_answer_cut_anywhere_is_incomplete(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ParseOutcome.Incomplete, ResponseParser.TryParse(bytes.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 2x1 Created\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\n\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 12x\r\n\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n")]
    public void What_is_not_an_answer_of_ours_is_malformed(string text) =>
        Assert.Equal(ParseOutcome.Malformed, ResponseParser.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Only_the_first_of_two_answers_is_taken()
    {
        var bytes = Encoding.ASCII.GetBytes(Plain + Plain);
        Assert.Equal(ParseOutcome.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.Equal(Plain.Length, response.Length);
    }

    [Fact]
    public void A_closing_server_is_noticed()
    {
        var bytes = "HTTP/1.1 503 Service Unavailable\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"u8;
        Assert.Equal(ParseOutcome.Complete, ResponseParser.TryParse(bytes, out var response));
        Assert.Equal((503, true), (response.Status, response.Closes));
    }

    [Theory]
    [InlineData("QuickPay-Consistency")]
    [InlineData("quickpay-consistency")]
    public void The_consistency_token_is_found(string name)
    {
        foreach (var text in (string[])[Plain, Chunked])
        {
            var bytes = Encoding.ASCII.GetBytes(
                text.Replace("\r\n\r\n{", $"\r\n{name}: seen-7\r\nServer: x\r\n\r\n{{", StringComparison.Ordinal)
                    .Replace("chunked\r\n", $"chunked\r\n{name}: seen-7\r\n", StringComparison.Ordinal)
            );
            Assert.Equal(ParseOutcome.Complete, ResponseParser.TryParse(bytes, out var response));
            Assert.Equal("seen-7", Encoding.ASCII.GetString(bytes, response.TokenStart, response.TokenLength));
        }

        Assert.Equal(ParseOutcome.Complete, ResponseParser.TryParse(Encoding.ASCII.GetBytes(Plain), out var without));
        Assert.Equal(0, without.TokenLength);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id":"0199"}""")]
    [InlineData("""{"id":"not-a-uuid-but-exactly-as-long-as-one"}""")]
    public void A_body_without_an_id_has_none(string body) => Assert.False(ResponseParser.TryReadId(Encoding.ASCII.GetBytes(body), out _));
}
