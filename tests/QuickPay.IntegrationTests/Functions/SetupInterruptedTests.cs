using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>The function that sets up the database is killed at a step, and another one goes on from there.</summary>
public sealed class SetupInterruptedTests(OwnServers servers) : SetupTest(servers)
{
    private const string IsWaiting =
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'quickpay setup' AND wait_event_type = 'Lock')";

    [Fact]
    public async Task Between_two_roles()
    {
        await using var process = await StartAsync();
        await using (var holder = await Database.HoldAsync())
        {
            // Who makes the same role waits until it is clear whether this one is made.
            await holder.DoAsync($"BEGIN; CREATE ROLE {DatabaseRoles.Worker}");
            _ = process.Runtime.InvokeAsync(Stack.Event("Create").Event, TimeSpan.FromMinutes(1));
            await Eventually.IsTrueAsync(() => Database.AskAsync<bool>(IsWaiting), "it is at the third role");
            await process.KilledAsync();
            await ItsSessionEndsAsync();
        }
        Assert.Equal(2L, await RolesAsync());

        (await RunAsync()).ShouldBeSuccess();

        await ShouldBeSetUpAsync();
    }

    [Fact]
    public async Task In_the_middle_of_the_migrations()
    {
        await Database.AdministrateAsync(
            """
            CREATE FUNCTION stop_here() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.members') THEN
                    PERFORM pg_advisory_lock_shared(42);
                END IF;
            END $$;
            CREATE EVENT TRIGGER stop_here ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION stop_here()
            """
        );
        await using var process = await StartAsync();
        await using (var holder = await Database.HoldAsync())
        {
            await holder.DoAsync("SELECT pg_advisory_lock(42)");
            _ = process.Runtime.InvokeAsync(Stack.Event("Create").Event, TimeSpan.FromMinutes(1));
            await Eventually.IsTrueAsync(() => Database.AskAsync<bool>(IsWaiting), "it is in the second file");
            await process.KilledAsync();
            await ItsSessionEndsAsync();
        }
        await Database.AdministrateAsync("DROP EVENT TRIGGER stop_here; DROP FUNCTION stop_here()");
        Assert.Equal(1L, await Database.AskAsync<long>("SELECT count(*) FROM schema_versions"));

        Assert.NotEqual("0", (await RunAsync()).ShouldBeSuccess().Data["Migrations"]);

        await ShouldBeSetUpAsync();
    }

    /// <summary>The key is written, and whoever wrote it does not know.</summary>
    [Fact]
    public async Task Right_after_a_key_was_written()
    {
        await using var process = await StartAsync();
        var (written, killed) = (NewSignal(), NewSignal());
        Secrets.Done = action =>
        {
            if (action != "PutSecretValue" || killed.Task.IsCompleted)
            {
                return Task.CompletedTask;
            }
            written.SetResult();
            return killed.Task;
        };
        _ = process.Runtime.InvokeAsync(Stack.Event("Create").Event, TimeSpan.FromMinutes(1));
        await written.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await process.KilledAsync();
        killed.SetResult();
        var key = Secrets.TextOf(TokenKey);

        (await RunAsync()).ShouldBeSuccess();

        Assert.Equal(key, Secrets.TextOf(TokenKey));
        await ShouldBeSetUpAsync();
    }

    /// <summary>A key that was sent before, and comes after another one was made.</summary>
    [Fact]
    public async Task While_its_key_is_still_on_its_way()
    {
        await using var process = await StartAsync();
        var (sent, late, arrived) = (NewSignal(), NewSignal(), NewSignal());
        Secrets.BeforePut = async (_, _) =>
        {
            if (sent.TrySetResult())
            {
                await late.Task;
                Secrets.Done = _ =>
                {
                    arrived.TrySetResult();
                    return Task.CompletedTask;
                };
            }
        };
        _ = process.Runtime.InvokeAsync(Stack.Event("Create").Event, TimeSpan.FromMinutes(1));
        await sent.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await process.KilledAsync();
        (await RunAsync()).ShouldBeSuccess();
        var key = Secrets.TextOf(TokenKey);

        late.SetResult();
        await arrived.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(key, Secrets.TextOf(TokenKey));
        await ShouldBeSetUpAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It is at a statement that would wait for ever; the server finds out by itself that nobody is there any more.</summary>
    private Task ItsSessionEndsAsync() =>
        Eventually.IsTrueAsync(
            async () => !await Database.AskAsync<bool>(IsWaiting),
            "what it was doing has ended, though nobody made way"
        );

    private Task<long> RolesAsync() =>
        Database.AskAsync<long>($"SELECT count(*) FROM pg_roles WHERE rolname IN ('{string.Join("', '", DatabaseRoles.All)}')");
}
