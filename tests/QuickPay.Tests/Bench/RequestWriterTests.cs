using System.Text;
using System.Text.Json;
using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class RequestWriterTests
{
    private static readonly AccountSet Accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(55), 3, 1_000, 4);

    [Fact]
    public void A_request_is_http_with_the_owners_token_and_a_body_of_the_stated_length()
    {
        var writer = new RequestWriter(Accounts, 9, "127.0.0.1:8080", ["t0", "t1", "t2", "t3"]);
        var buffer = new byte[RequestWriter.BufferSize];
        var transfer = new TransferRequest(17, From: 6, To: 9, Amount: 950);

        var text = Encoding.ASCII.GetString(
            buffer,
            0,
            writer.Write(new LoadRequest(RequestKind.Transfer, transfer), default, default, buffer)
        );

        var (head, body) = (
            text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)],
            text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]
        );
        Assert.StartsWith("POST /v1/transfers HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nAuthorization: Bearer t2\r\n", head, StringComparison.Ordinal); // account 6 of 4 owners
        Assert.EndsWith($"\r\nContent-Length: {body.Length}", head, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(Accounts.IdOf(6), json.RootElement.GetProperty("fromAccountId").GetGuid());
        Assert.Equal(Accounts.IdOf(9), json.RootElement.GetProperty("to").GetProperty("accountId").GetGuid());
        Assert.Equal(950, json.RootElement.GetProperty("amount").GetInt32());
    }

    [Fact]
    public void A_renewed_token_is_used_from_the_next_request_on()
    {
        var writer = new RequestWriter(Accounts, 9, "h", ["a", "b", "c", "d"]);
        writer.ReplaceToken(1, "renewed");
        var buffer = new byte[RequestWriter.BufferSize];
        var request = new LoadRequest(RequestKind.Transfer, new TransferRequest(0, 1, 2, 5));
        var text = Encoding.ASCII.GetString(buffer, 0, writer.Write(request, default, default, buffer));
        Assert.Contains("Bearer renewed\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_different_uuids_that_can_be_made_again()
    {
        var keys = Enumerable.Range(0, 10_000).Select(sequence => Key(5, (ulong)sequence)).ToHashSet();
        Assert.Equal(10_000, keys.Count);
        Assert.All(keys, key => Assert.Equal(4, Guid.Parse(key).Version));
        Assert.Contains(Key(5, 123), keys);
        Assert.DoesNotContain(Key(6, 123), keys);
    }

    private static string Key(ulong seed, ulong sequence)
    {
        var key = new byte[TransferRequest.KeyLength];
        TransferRequest.WriteKey(seed, sequence, key);
        return Encoding.ASCII.GetString(key);
    }
}
