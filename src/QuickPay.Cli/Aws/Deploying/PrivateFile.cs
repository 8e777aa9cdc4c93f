namespace QuickPay.Cli.Aws.Deploying;

/// <summary>A file that its owner alone can read, and that goes with this.</summary>
internal sealed class PrivateFile : IDisposable
{
    private PrivateFile(string path) => Path = path;

    public string Path { get; }

    public static PrivateFile With(string text)
    {
        // Made readable for its owner alone, by the system call that makes it.
        var path = System.IO.Path.GetTempFileName();
        File.WriteAllText(path, text);
        return new PrivateFile(path);
    }

    public void Dispose() => File.Delete(Path);
}
