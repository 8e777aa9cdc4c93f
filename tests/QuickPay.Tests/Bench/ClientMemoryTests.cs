using System.Text;
using QuickPay.Bench.Load;
using QuickPay.Ledger;

namespace QuickPay.Tests.Bench;

public class ClientMemoryTests
{
    private static readonly AccountSet Accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(55), 3, 100, 4);
    private readonly ClientMemory _memory = new(Accounts);

    [Fact]
    public void The_newest_token_is_kept_however_answers_overtake_each_other()
    {
        Learn(RequestKind.Balance, Token(version: 5));
        Learn(RequestKind.Balance, Token(version: 4));
        Assert.Equal(5, Kept().Version);

        Learn(RequestKind.Transfer, Token(version: 6));
        Assert.Equal(6, Kept().Version);

        // After a promotion versions may begin lower.
        Learn(RequestKind.Balance, Token(version: 3, timeline: 2));
        Assert.Equal((2u, 3L), (Kept().Timeline, Kept().Version));
        Learn(RequestKind.Balance, Token(version: 9, timeline: 1));
        Assert.Equal(3, Kept().Version);
    }

    [Fact]
    public void It_is_sent_back_as_it_came()
    {
        Learn(RequestKind.Balance, Token(version: 5));
        Assert.Equal(Token(version: 5).ToString(), Encoding.ASCII.GetString(_memory.Of(6)!.Token!.Text));
    }

    [Fact]
    public void What_is_no_token_of_the_account_says_nothing_of_it()
    {
        Learn(RequestKind.Balance, Token(version: 5) with { Account = Accounts.IdOf(7) });
        _memory.Learn(Read(RequestKind.Balance), "nonsense"u8, default);
        _memory.Learn(Read(RequestKind.Rates), default, default);
        Assert.Null(_memory.Of(6)!.Token);
        Assert.Null(_memory.Of(7));
    }

    [Fact]
    public void A_client_goes_on_where_its_first_page_ended()
    {
        Assert.Equal(RequestKind.FirstPage, _memory.Possible(Read(RequestKind.DeeperPage)).Kind);

        _memory.Learn(Read(RequestKind.FirstPage), default, "1f\r\n{\"items\":[],\"nextCursor\":\"AbC-_w\"}\r\n0\r\n\r\n"u8);
        Assert.Equal(RequestKind.DeeperPage, _memory.Possible(Read(RequestKind.DeeperPage)).Kind);
        Assert.Equal("AbC-_w", Encoding.ASCII.GetString(_memory.Of(6)!.Cursor!));

        // A deeper page's own cursor is not the first one's.
        _memory.Learn(Read(RequestKind.DeeperPage), default, "{\"items\":[],\"nextCursor\":\"other\"}"u8);
        Assert.Equal("AbC-_w", Encoding.ASCII.GetString(_memory.Of(6)!.Cursor!));
    }

    [Theory]
    [InlineData("{\"items\":[],\"nextCursor\":null}")]
    [InlineData("{\"items\":[],\"nextCursor\":\"Ab\r\n4\r\nC-_w\"}\r\n")]
    public void A_cursor_that_is_not_whole_is_none(string response)
    {
        _memory.Learn(Read(RequestKind.FirstPage), default, Encoding.ASCII.GetBytes(response));
        Assert.Null(_memory.Of(6)!.Cursor);
    }

    private void Learn(RequestKind kind, in ConsistencyToken token) =>
        _memory.Learn(Read(kind), Encoding.ASCII.GetBytes(token.ToString()), default);

    private ConsistencyToken Kept() => _memory.Of(6)!.Token!.Token;

    private static ConsistencyToken Token(long version, uint timeline = 1) => new(timeline, 1_000, Accounts.IdOf(6), version);

    private static LoadRequest Read(RequestKind kind) => new(kind, new TransferRequest(0, From: 6, 0, 0));
}
