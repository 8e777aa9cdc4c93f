using System.Runtime.InteropServices;

namespace QuickPay.Cli.Local;

/// <summary>The programs of this repository as they were built, beside the one that runs.</summary>
public static class Programs
{
    /// <summary>The dotnet command that runs us. A settings path is all that its children get to know, so it may stand in `ps`.</summary>
    public static string DotNet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>The folder with QuickPay.slnx.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The built assembly of a project, in the configuration that runs (`artifacts/bin/PROJECT/release`).</summary>
    /// <exception cref="LocalException">It was not built.</exception>
    public static string Find(string project)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        var assembly = Path.Combine(RepositoryRoot, "artifacts", "bin", project, configuration, $"{project}.dll");
        return File.Exists(assembly) ? assembly : throw new LocalException($"{assembly} is missing. Build it: dotnet build QuickPay.slnx");
    }

    /// <summary>A program that comes from a Debian package.</summary>
    /// <exception cref="LocalException">It is not installed; the message says how to.</exception>
    internal static string Installed(string path, string package) =>
        File.Exists(path) ? path : throw new LocalException($"{path} is missing. Install it: apt-get install {package}");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "QuickPay.slnx")))
                return folder.FullName;
        throw new LocalException($"No QuickPay.slnx above {AppContext.BaseDirectory}: run ./quickpay from the repository it was built in.");
    }
}
