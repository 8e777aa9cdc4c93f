using System.IO.Compression;
using System.Text;
using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>What servers and functions are handed.</summary>
[Collection(nameof(Publishing))]
public sealed class ArchiveTests : IDisposable
{
    private const UnixFileMode Runnable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;
    private static readonly DateTime LongAgo = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-archive-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The real program, published as a deployment does.</summary>
    [Fact]
    [Trait("Category", "slow")]
    public async Task Lambda_finds_an_executable_bootstrap_its_authority_and_no_settings()
    {
        var authority = Write("ca.pem", "-----BEGIN CERTIFICATE-----");
        var functions = At("functions");
        var locked = LockFiles.Read();

        await ProgramArchives.GatherFunctionsAsync(functions, authority, Cancellation);
        var archives = ProgramArchives.Pack(_folder, Servers(), functions, "abc1234");

        Assert.Equal(locked, LockFiles.Read());
        await using var zip = await ZipFile.OpenReadAsync(archives.Functions, Cancellation);
        Assert.Equal(Runnable, ModeOf(zip.GetEntry("bootstrap")!));
        Assert.Null(zip.GetEntry("QuickPay.Functions"));
        Assert.NotNull(zip.GetEntry("QuickPay.Functions.dll"));
        Assert.NotNull(zip.GetEntry("libcoreclr.so"));
        Assert.Equal("-----BEGIN CERTIFICATE-----", TextOf(zip.GetEntry("database-ca.pem")!));
        Assert.Equal(
            ["QuickPay.Functions.deps.json", "QuickPay.Functions.runtimeconfig.json", "database-ca.pem"],
            zip.Entries.Select(entry => entry.FullName)
                .Where(name => !name.EndsWith(".dll", StringComparison.Ordinal) && !name.EndsWith(".so", StringComparison.Ordinal))
                .Where(name => Path.GetExtension(name) is not ("" or ".pdb" or ".xml"))
                .Order(StringComparer.Ordinal)
        );
        Assert.True(IsMadeByUnix(archives.Functions));
        // It starts: without Lambda around it it says what is missing, and not that a library is.
        ZipFile.ExtractToDirectory(archives.Functions, At("task"));
        var (_, output, errors) = await Tool.TryRunAsync(Path.Combine(At("task"), "bootstrap"), [], null, null, Cancellation);
        Assert.Contains("AWS_LAMBDA_RUNTIME_API", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lambda_unpacks_a_bootstrap_that_can_be_run()
    {
        var functions = At("functions");
        var bootstrap = Write("functions/bootstrap", "program");
        File.SetUnixFileMode(bootstrap, File.GetUnixFileMode(bootstrap) | UnixFileMode.UserExecute);
        Write("functions/QuickPay.Functions.dll", "library");

        var archives = ProgramArchives.Pack(_folder, Servers(), functions, "abc1234");

        await using var zip = await ZipFile.OpenReadAsync(archives.Functions, Cancellation);
        Assert.Equal(["QuickPay.Functions.dll", "bootstrap"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(Runnable, ModeOf(zip.GetEntry("bootstrap")!));
        Assert.True(IsMadeByUnix(archives.Functions));
    }

    [Fact]
    public void The_same_files_are_the_same_bytes_whenever_and_in_whatever_order_they_were_written()
    {
        var (one, other) = (At("one"), At("other"));
        foreach (var (folder, names) in new[] { (one, new[] { "a", "Z", "sub/b" }), (other, ["sub/b", "Z", "a"]) })
        {
            foreach (var name in names)
            {
                Write(Path.Combine(folder, name), $"text of {name}");
            }
        }
        Directory.GetFiles(other, "*", SearchOption.AllDirectories).ToList().ForEach(file => File.SetLastWriteTimeUtc(file, LongAgo));

        var (first, second) = (Packed(one, one, "1"), Packed(other, other, "2"));

        Assert.Equal(File.ReadAllBytes(first.Servers), File.ReadAllBytes(second.Servers));
        Assert.Equal(File.ReadAllBytes(first.Functions), File.ReadAllBytes(second.Functions));
        Assert.Equal((first.Version, first.Sha256), (second.Version, second.Sha256));
        Assert.Matches("^abc1234-[0-9a-f]{12}$", first.Version);
    }

    [Fact]
    public void A_change_of_either_archive_is_another_version()
    {
        var (servers, functions, changed) = (Servers(), At("functions"), At("changed"));
        Write("functions/bootstrap", "1");
        Write("changed/bootstrap", "2");

        var before = Packed(servers, functions, "1");
        var byFunctions = Packed(servers, changed, "2");
        var byServers = Packed(changed, functions, "3");

        Assert.Equal(3, new[] { before, byFunctions, byServers }.Select(one => one.Version).Distinct().Count());
        // Servers check what they take by its own hash.
        Assert.Equal(before.Sha256, byFunctions.Sha256);
    }

    /// <summary>Unpacked as an instance does it: by root, who lets nobody else in unless it is said.</summary>
    [Fact]
    public async Task Servers_unpack_what_their_user_can_read_and_run()
    {
        var archives = Packed(Servers(), Servers(), "1");
        var target = At("opt");

        await Tool.RunAsync(
            "/bin/sh",
            [
                "-c",
                "umask 077; mkdir \"$2\"; tar --extract --preserve-permissions --gzip --file \"$1\" --directory \"$2\"",
                "-",
                archives.Servers,
                target,
            ],
            null,
            null,
            Cancellation
        );

        Assert.Equal(Runnable, File.GetUnixFileMode(target));
        Assert.Equal(Runnable, File.GetUnixFileMode(Path.Combine(target, "QuickPay.Api")));
        Assert.Equal(Runnable, File.GetUnixFileMode(Path.Combine(target, "boot.sh")));
        Assert.Equal(
            Runnable & ~(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute),
            File.GetUnixFileMode(Path.Combine(target, "QuickPay.Api/QuickPay.Api.dll"))
        );
    }

    [Theory]
    [InlineData("appsettings.Production.json")]
    [InlineData(".env")]
    [InlineData("sub/token-signing.key")]
    [InlineData("members.pfx")]
    [InlineData("secrets.json")]
    public void Settings_and_secrets_are_packed_by_no_archive(string name)
    {
        var servers = Servers();
        Write($"servers/{name}", "secret");

        var refused = Assert.Throws<LocalException>(() => Archive.Tar(servers, At("tar")));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Throws<LocalException>(() => Archive.Zip(servers, At("zip")));
    }

    [Fact]
    public async Task Certificates_that_cannot_be_fetched_are_told_with_their_address_and_no_build_begins()
    {
        const string Nowhere = "https://127.0.0.1:1/bundle.pem";

        var failed = await Assert.ThrowsAsync<LocalException>(() => Authorities.FetchAsync(Nowhere, At("ca.pem"), Cancellation));

        Assert.Contains(Nowhere, failed.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was handed over", failed.Message, StringComparison.Ordinal);
        Assert.Throws<LocalException>(() => Authorities.Check(Nowhere, "<html>Log in</html>"));
    }

    private string Servers()
    {
        Write("servers/QuickPay.Api/QuickPay.Api.dll", "program");
        var boot = Write("servers/boot.sh", "#!/bin/sh");
        File.SetUnixFileMode(boot, File.GetUnixFileMode(boot) | UnixFileMode.UserExecute);
        return At("servers");
    }

    private ProgramArchives Packed(string servers, string functions, string to) =>
        ProgramArchives.Pack(Directory.CreateDirectory(At($"packed-{to}")).FullName, servers, functions, "abc1234");

    private string At(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    private static UnixFileMode ModeOf(ZipArchiveEntry entry) => (UnixFileMode)((entry.ExternalAttributes >> 16) & 0x1FF);

    private static string TextOf(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Whoever unpacks heeds the mode of a file only then: the second byte of "made by", in the first entry of the directory.</summary>
    private static bool IsMadeByUnix(string zip)
    {
        var bytes = File.ReadAllBytes(zip);
        return bytes[bytes.AsSpan().IndexOf("PK\x01\x02"u8) + 5] == 3;
    }
}
