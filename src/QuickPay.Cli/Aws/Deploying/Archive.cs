using System.Formats.Tar;
using System.IO.Compression;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// Packs a folder so that the same files are always the same bytes: in the order of their names, without times and owners. Functions take nothing
/// but a zip. Servers get a tar, which every Linux unpacks; that Amazon's image brings unzip along is promised nowhere.
/// </summary>
internal static class Archive
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const int RegularFile = 0x8000;

    /// <summary>Before it no zip can be.</summary>
    private static readonly DateTimeOffset Always = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What belongs to this machine or to an installation, and never to a program.</summary>
    private static readonly string[] Never = ["appsettings*.json", "*.env", ".env*", "*.key", "*.pfx", "*.p12", "*secret*.json", "*.user"];

    public static void Tar(string folder, string file)
    {
        using var stream = new GZipStream(File.Create(file), CompressionLevel.Optimal);
        using var tar = new TarWriter(stream, TarEntryFormat.Ustar);
        // Folders, too: those that an instance makes by itself, only root may open.
        foreach (var name in FoldersOf(folder))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, $"{name}/") { Mode = Runnable, ModificationTime = Always });
        }
        foreach (var (name, path, mode) in FilesOf(folder))
        {
            using var content = File.OpenRead(path);
            tar.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    Mode = mode,
                    ModificationTime = Always,
                    DataStream = content,
                }
            );
        }
    }

    public static void Zip(string folder, string file)
    {
        using var zip = ZipFile.Open(file, ZipArchiveMode.Create);
        foreach (var (name, path, mode) in FilesOf(folder))
        {
            var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
            entry.LastWriteTime = Always;
            // Lambda starts nothing that may not be run.
            entry.ExternalAttributes = (RegularFile | (int)mode) << 16;
            using var content = File.OpenRead(path);
            using var target = entry.Open();
            content.CopyTo(target);
        }
    }

    private static IEnumerable<string> FoldersOf(string folder) =>
        Directory
            .EnumerateDirectories(folder, "*", SearchOption.AllDirectories)
            .Append(folder)
            .Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Path, UnixFileMode Mode)> FilesOf(string folder) =>
        Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path =>
                (
                    Name: Path.GetRelativePath(folder, path),
                    Path: path,
                    Mode: File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute) ? Runnable : Readable
                )
            )
            .Select(file =>
                Never.Any(never => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(never, Path.GetFileName(file.Name)))
                    ? throw new LocalException($"{file.Path} belongs into no archive: it may hold settings or secrets.")
                    : file
            )
            .OrderBy(file => file.Name, StringComparer.Ordinal);
}
