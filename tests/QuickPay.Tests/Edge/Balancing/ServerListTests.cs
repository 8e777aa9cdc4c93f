using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Balancing;
using QuickPay.Tests.Support;

namespace QuickPay.Tests.Edge.Balancing;

/// <summary>The list follows its file, and a wrong file leaves it as it is.</summary>
public sealed class ServerListTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quickpay-servers-");
    private readonly RecordedLog _log = new();

    private string File => Path.Combine(_folder.FullName, "servers.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_list_becomes_what_its_file_says()
    {
        Write("a");
        using var list = NewList();
        Assert.Equal(["a"], Ids(list));

        Write("a", "b");
        list.LookAgain();
        Assert.Equal(["a", "b"], Ids(list));

        Write();
        list.LookAgain();
        Assert.Empty(Ids(list));
    }

    [Fact]
    public void A_wrong_file_leaves_the_list_as_it_is_and_is_logged_once_a_change()
    {
        Write("a");
        using var list = NewList();

        System.IO.File.WriteAllText(File, "{");
        for (var second = 0; second < 3; second++)
        {
            list.LookAgain();
        }
        Assert.Equal(["a"], Ids(list));
        Assert.Single(Errors);

        System.IO.File.Delete(File);
        for (var second = 0; second < 3; second++)
        {
            list.LookAgain();
        }
        Assert.Equal(["a"], Ids(list));
        Assert.Equal(2, Errors.Count());

        Write("b");
        list.LookAgain();
        Assert.Equal(["b"], Ids(list));
        Assert.Equal(2, Errors.Count());
    }

    [Fact]
    public void A_file_finished_within_the_grain_of_its_time_stamp_is_read_again()
    {
        Write("a");
        using var list = NewList();
        var whole = System.IO.File.ReadAllText(File).Replace("\"a\"", "\"b\"", StringComparison.Ordinal);
        var written = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        // As long as the whole, so that nothing but the content tells them apart.
        System.IO.File.WriteAllText(File, new string('?', whole.Length));
        System.IO.File.SetLastWriteTimeUtc(File, written);
        list.LookAgain();

        System.IO.File.WriteAllText(File, whole);
        System.IO.File.SetLastWriteTimeUtc(File, written);
        list.LookAgain();

        Assert.Equal(["b"], Ids(list));
    }

    /// <summary>As Kubernetes replaces a ConfigMap's files: the folder that they are linked from is another one at once.</summary>
    [Fact]
    public void A_link_that_leads_elsewhere_is_a_change()
    {
        foreach (var (folder, id) in ((string, string)[])[("one", "a"), ("two", "b")])
        {
            _folder.CreateSubdirectory(folder);
            Write(id);
            System.IO.File.Move(File, Path.Combine(_folder.FullName, folder, "servers.json"));
        }
        System.IO.File.SetLastWriteTimeUtc(
            Path.Combine(_folder.FullName, "two", "servers.json"),
            TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1)
        );
        var current = Path.Combine(_folder.FullName, "current");
        Directory.CreateSymbolicLink(current, "one");
        System.IO.File.CreateSymbolicLink(File, "current/servers.json");
        using var list = NewList();
        Assert.Equal(["a"], Ids(list));

        Directory.Delete(current);
        Directory.CreateSymbolicLink(current, "two");
        list.LookAgain();

        Assert.Equal(["b"], Ids(list));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    public void Without_a_list_to_start_with_there_is_no_start(string? content)
    {
        if (content is not null)
        {
            System.IO.File.WriteAllText(File, content);
        }

        var e = Assert.Throws<OptionsValidationException>(NewList);

        Assert.Contains("Balancing:ServersFile", e.Message, StringComparison.Ordinal);
        Assert.Contains(File, e.Message, StringComparison.Ordinal);
    }

    private ServerList NewList() =>
        new(Options.Create(new BalancingOptions { ServersFile = File }), TimeProvider.System, _log.Of<ServerList>());

    private void Write(params string[] ids) =>
        System.IO.File.WriteAllText(
            File,
            $$"""{"servers": [{{string.Join(',', ids.Select(id => $$"""{"id": "{{id}}", "address": "http://127.0.0.1:1"}"""))}}]}"""
        );

    private IEnumerable<LogLine> Errors => _log.Lines.Where(line => line.Level >= LogLevel.Error);

    private static IEnumerable<string> Ids(ServerList list) => list.Config.GetConfig().Clusters.Single().Destinations!.Keys.Order();
}
