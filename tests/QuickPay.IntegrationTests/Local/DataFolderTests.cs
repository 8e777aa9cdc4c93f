using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Local;

public sealed class DataFolderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_only_root_may_enter_the_servers_data_goes_where_they_can()
    {
        // An ordinary user's servers run as that user, who can enter.
        if (!Environment.IsPrivilegedProcess)
            return;
        var closed = Directory.CreateTempSubdirectory("quickpay-closed-"); // mode 0700
        try
        {
            var data = DataFolder.At(Path.Combine(closed.FullName, ".quickpay"));
            string outside;
            await using (await LocalServers.StartAsync(new LocalServersOptions { Data = data, DeleteAtEnd = true }, Cancellation))
            {
                outside = data.Servers;
                Assert.StartsWith("/var/lib/quickpay-", outside, StringComparison.Ordinal);
                Assert.True(File.Exists(Path.Combine(outside, "postgres/data/PG_VERSION")));
            }
            Assert.False(Directory.Exists(outside));
        }
        finally
        {
            closed.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_that_holds_something_else_is_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-other-");
        try
        {
            var file = Path.Combine(folder.FullName, "letter.txt");
            await File.WriteAllTextAsync(file, "mine", Cancellation);
            var options = new LocalServersOptions { Data = DataFolder.At(folder.FullName), Fresh = true };
            var refusal = await Assert.ThrowsAsync<LocalException>(() => LocalServers.StartAsync(options, Cancellation));
            Assert.Contains("not a QuickPay data folder", refusal.Message, StringComparison.Ordinal);
            Assert.Equal([file], Directory.EnumerateFileSystemEntries(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_project_may_lie_deep()
    {
        var deep = DataFolder.At("/" + string.Join('/', Enumerable.Repeat("a-folder-name", 20)));
        var other = DataFolder.At("/" + string.Join('/', Enumerable.Repeat("a-folder-name", 21)));
        Assert.InRange($"{deep.PostgresSocket}/.s.PGSQL.65535.lock".Length, 1, 107);
        Assert.NotEqual(deep.PostgresSocket, other.PostgresSocket);
    }

    [Fact]
    public void What_a_killed_run_left_in_the_temporary_folder_is_cleaned_up()
    {
        var left = DataFolder.Temporary("left");
        left.Create();
        FolderLock.Take(left).Dispose();
        var gone = new ProcessIdentity(Environment.ProcessId, StartTicks: 0, BootId: "");
        new RunState { Owner = gone }.Write(left);
        var running = DataFolder.Temporary("running");
        running.Create();
        FolderLock.Take(running).Dispose();
        new RunState { Owner = ProcessIdentity.Of(Environment.ProcessId) }.Write(running);

        DataFolder.Temporary("next").Delete();
        Assert.False(Directory.Exists(left.Root));
        Assert.True(Directory.Exists(running.Root));
        running.Delete();
    }
}
