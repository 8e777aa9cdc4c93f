using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>The function that replaces the key of access tokens, a step a day.</summary>
public sealed class TokenKeyFunctionTests : IAsyncLifetime
{
    private const string Secret = "token-key";
    private const string Daily = """{"source":"aws.events"}""";
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly string _first = SigningKeys.NewSigningKey();
    private FakeSecrets _secrets = null!;

    public async ValueTask InitializeAsync()
    {
        _secrets = await FakeSecrets.BeginAsync();
        _secrets.Put(Secret, _first);
    }

    public ValueTask DisposeAsync() => _secrets.DisposeAsync();

    private (string? Before, string? Current, string? Next) Keys =>
        (_secrets.TextOf(Secret, "AWSPREVIOUS"), _secrets.TextOf(Secret), _secrets.TextOf(Secret, "AWSPENDING"));

    [Fact]
    public async Task After_a_month_a_new_key_is_believed_then_signs_and_then_the_old_one_is_forgotten()
    {
        await using var process = await StartAsync();
        await RunsAsync(process, after: 29 * Day);
        Assert.Equal((null, _first, null), Keys);

        await RunsAsync(process, after: Day);
        var next = Keys.Next!;
        Assert.True(SigningKeys.IsSigningKey(next) && next != _first);
        Assert.Equal((null, _first, next), Keys);

        await RunsAsync(process, after: Day);
        Assert.Equal((_first, next, null), Keys);

        await RunsAsync(process, after: Day);
        Assert.Equal((null, next, null), Keys);

        for (var day = 3; day < 30; day++)
        {
            await RunsAsync(process, after: Day);
        }
        Assert.Equal((null, next, null), Keys);
        await RunsAsync(process, after: Day);
        Assert.Equal((null, next), (Keys.Before, Keys.Current));
        Assert.NotEqual(next, Keys.Next);
        Assert.Equal(5, _secrets.Puts);
        Assert.All(
            (string[])[_first, next, Keys.Next!],
            key => Assert.DoesNotContain(key.Split('\n')[1], process.Said, StringComparison.Ordinal)
        );
    }

    /// <summary>The key leaked: the one before must not come back by itself, in whatever state a replacement was.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_somebody_puts_there_by_hand_is_not_undone(int steps)
    {
        await using var process = await StartAsync();
        _secrets.Age(Secret, 29 * Day);
        for (var step = 0; step < steps; step++)
        {
            await RunsAsync(process, after: Day);
        }
        var byHand = SigningKeys.NewSigningKey();
        _secrets.Age(Secret, TimeSpan.FromMinutes(1));
        _secrets.Put(Secret, byHand);

        for (var day = 0; day < 3; day++)
        {
            await RunsAsync(process, after: Day);
        }

        Assert.Equal((null, byHand, null), Keys);
    }

    /// <summary>Somebody went back to an older key: the id that follows from it was used.</summary>
    [Fact]
    public async Task Where_no_next_key_can_be_made_it_fails_and_says_what_to_do()
    {
        await using var process = await StartAsync();
        _secrets.Age(Secret, 29 * Day);
        await RunsAsync(process, after: Day);
        _secrets.Unlabel(Secret, "AWSPENDING");
        _secrets.Age(Secret, Day);

        var outcome = await process.InvokeAsync(Daily);

        Assert.Contains("Put one there as AWSPENDING", outcome.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((null, _first, null), Keys);
    }

    /// <summary>Servers have not followed yet: it was started by hand, or twice.</summary>
    [Fact]
    public async Task Within_an_hour_of_a_step_there_is_no_other_one()
    {
        await using var process = await StartAsync();
        await RunsAsync(process, after: 30 * Day);
        var keys = Keys;

        await RunsAsync(process, after: TimeSpan.FromMinutes(59));

        Assert.Equal(keys, Keys);
        await RunsAsync(process, after: TimeSpan.FromMinutes(1));
        Assert.Equal((_first, keys.Next), (Keys.Before, Keys.Current));
    }

    [Fact]
    public async Task Of_two_at_once_one_makes_the_next_key()
    {
        _secrets.Age(Secret, 30 * Day);
        await using var one = await StartAsync();
        await using var other = await StartAsync();

        await Task.WhenAll(InvokeAsync(one), InvokeAsync(other));

        var next = Keys.Next;
        await RunsAsync(one, after: Day);
        Assert.Equal((_first, next), (Keys.Before, Keys.Current));
    }

    /// <summary>The call has had its effect, and whoever made it does not know.</summary>
    [Theory]
    [InlineData("PutSecretValue", 0)]
    [InlineData("UpdateSecretVersionStage", 1)]
    [InlineData("UpdateSecretVersionStage", 2)]
    public async Task Killed_in_the_middle_of_a_step_another_one_goes_on_from_there(string action, int steps)
    {
        _secrets.Age(Secret, 30 * Day);
        await using (var process = await StartAsync())
        {
            for (var step = 0; step < steps; step++)
            {
                await RunsAsync(process, after: Day);
            }
            _secrets.Age(Secret, Day);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _secrets.Done = called =>
            {
                if (called != action || killed.Task.IsCompleted)
                {
                    return Task.CompletedTask;
                }
                done.TrySetResult();
                return killed.Task;
            };
            _ = process.Runtime.InvokeAsync(Daily, TimeSpan.FromMinutes(1));
            await done.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await process.KilledAsync();
            killed.SetResult();
        }

        await using var another = await StartAsync();
        for (var step = steps + 1; step < 3; step++)
        {
            await RunsAsync(another, after: Day);
        }

        var (before, current, _) = Keys;
        Assert.Null(before);
        Assert.True(SigningKeys.IsSigningKey(current!) && current != _first);
    }

    /// <summary>Of which every server would refuse to start.</summary>
    [Theory]
    [InlineData("AWSCURRENT")]
    [InlineData("AWSPENDING")]
    public async Task A_value_that_is_no_key_is_an_error_and_left_as_it_is(string stage)
    {
        await using var process = await StartAsync();
        if (stage == "AWSPENDING")
        {
            _secrets.Put(Secret, "no-key-4411", stage: stage);
        }
        else
        {
            _secrets.Put(Secret, "no-key-4411");
        }
        var keys = Keys;
        _secrets.Age(Secret, 30 * Day);

        var outcome = await process.InvokeAsync(Daily);

        Assert.Contains($"what is {stage} there is no private key", outcome.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("no-key-4411", process.Said + outcome.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(keys, Keys);
    }

    private async Task RunsAsync(FunctionProcess process, TimeSpan after)
    {
        _secrets.Age(Secret, after);
        await InvokeAsync(process);
    }

    private async Task InvokeAsync(FunctionProcess process)
    {
        Assert.Equal(new Outcome(null, null), await process.InvokeAsync(Daily));
        _secrets.ShouldHaveBeenUsedRight();
    }

    private Task<FunctionProcess> StartAsync() =>
        FunctionProcess.StartAsync(
            "token-key",
            new Dictionary<string, string>
            {
                ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = $"{_secrets.Address}",
                ["QUICKPAY_TOKEN_KEY_SECRET"] = FakeSecrets.ArnOf(Secret),
            }
        );
}
