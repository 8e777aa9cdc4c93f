using Microsoft.Extensions.Options;
using QuickPay.Members;

namespace QuickPay.Tests.Members;

public sealed class SlowHashTests
{
    private static readonly byte[] Secret = [.. "correct horse battery"u8];

    [Fact]
    public void The_right_secret_passes_and_no_other()
    {
        var stored = SlowHash.Make(Secret);
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", stored, StringComparison.Ordinal);
        Assert.True(SlowHash.Verify(stored, Secret));
        Assert.False(SlowHash.Verify(stored, "correct horse batterx"u8));
        Assert.NotEqual(stored, SlowHash.Make(Secret));
    }

    [Fact]
    public void A_hash_of_another_implementation_and_other_parameters_is_understood()
    {
        // Made by a managed Argon2id implementation; the parameters stand in the string.
        const string Foreign = "$argon2id$v=19$m=19456,t=2,p=1$AAAABwAAAAAAAAAAAAAAAA$No8Y82D8vaeLQi0bX9xNeYhHVupQexKUk5YDxPcfbnU";
        Assert.True(SlowHash.Verify(Foreign, Secret));
        const string Lighter = "$argon2id$v=19$m=1024,t=3,p=1$AAAABwAAAAAAAAAAAAAAAA$UV/D1RGL5pOoYTeHCfOJk5nhHoQqKuzY1YLwnLV5+uU";
        Assert.True(SlowHash.Verify(Lighter, Secret));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("$argon2i$v=19$m=19456,t=2,p=1$AAAABwAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=99999999,t=2,p=1$AAAABwAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=999,p=1$AAAABwAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_hash_of_ours_is_an_error_and_not_a_wrong_password(string stored) =>
        Assert.Throws<FormatException>(() => SlowHash.Verify(stored, Secret));

    [Fact]
    public async Task The_pool_lets_few_in_a_few_wait_and_turns_the_rest_away()
    {
        using var pool = new SlowHashPool(Options.Create(new SlowHashOptions { Workers = 1, WaitingMax = 1 }));
        var working = await pool.EnterAsync(CancellationToken.None);
        var waiting = pool.EnterAsync(CancellationToken.None).AsTask();
        Assert.NotNull(working);
        Assert.False(waiting.IsCompleted);
        Assert.Null(await pool.EnterAsync(CancellationToken.None));
        working.Dispose();
        using var next = await waiting;
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Who_stops_waiting_makes_room()
    {
        using var pool = new SlowHashPool(Options.Create(new SlowHashOptions { Workers = 1, WaitingMax = 1 }));
        using var working = await pool.EnterAsync(CancellationToken.None);
        using var patience = new CancellationTokenSource();
        var waiting = pool.EnterAsync(patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var second = pool.EnterAsync(CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted);
        working!.Dispose();
        Assert.NotNull(await second);
    }
}
