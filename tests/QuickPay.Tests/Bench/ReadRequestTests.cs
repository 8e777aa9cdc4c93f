using System.Text;
using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class ReadRequestTests
{
    private static readonly AccountSet Accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(55), 3, 1_000, 4);
    private static readonly RequestWriter Writer = new(Accounts, 9, "127.0.0.1:8080", ["t0", "t1", "t2", "t3"]);
    private static readonly string Account = $"/v1/accounts/{Accounts.IdOf(6)}";

    public static TheoryData<string, string> Paths =>
        new()
        {
            { nameof(RequestKind.Balance), $"{Account}/balance" },
            { nameof(RequestKind.FirstPage), $"{Account}/transactions" },
            { nameof(RequestKind.DeeperPage), $"{Account}/transactions?cursor=AbC-_9" },
            { nameof(RequestKind.Rates), "/v1/rates?base=KRW" },
            { nameof(RequestKind.Empty), "/v1/rates?base=xx" },
        };

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_read_is_a_GET_with_its_owners_token(string kind, string path) =>
        Assert.Equal(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: QuickPay-Bench/1.0\r\nAccept: application/json\r\n"
                + "Authorization: Bearer t2\r\n\r\n", // account 6 of 4 owners
            Text(Read(kind), consistency: "")
        );

    [Fact]
    public void What_the_client_has_seen_goes_along()
    {
        Assert.EndsWith(
            "\r\nAuthorization: Bearer t2\r\nQuickPay-Consistency: seen\r\n\r\n",
            Text(Read(nameof(RequestKind.Balance)), "seen"),
            StringComparison.Ordinal
        );

        var transfer = Text(new LoadRequest(RequestKind.Transfer, new TransferRequest(17, 6, 9, 950)), "seen");
        Assert.Contains("\r\nQuickPay-Consistency: seen\r\nContent-Length: ", transfer, StringComparison.Ordinal);
        Assert.EndsWith("}", transfer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewed_token_is_used_for_reads_too()
    {
        var writer = new RequestWriter(Accounts, 9, "h", ["a", "b", "c", "d"]);
        writer.ReplaceToken(2, "renewed");
        var buffer = new byte[RequestWriter.BufferSize];
        var length = writer.Write(Read(nameof(RequestKind.Balance)), default, default, buffer);
        Assert.EndsWith("Bearer renewed\r\n\r\n", Encoding.ASCII.GetString(buffer, 0, length), StringComparison.Ordinal);
    }

    private static LoadRequest Read(string kind) => new(Enum.Parse<RequestKind>(kind), new TransferRequest(0, From: 6, 0, 0));

    private static string Text(in LoadRequest request, string consistency)
    {
        var buffer = new byte[RequestWriter.BufferSize];
        var length = Writer.Write(request, Encoding.ASCII.GetBytes(consistency), "AbC-_9"u8, buffer);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
