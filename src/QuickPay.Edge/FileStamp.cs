namespace QuickPay.Edge;

/// <summary>What changes when a file is replaced, behind links too, which is how orchestrators swap settings.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    /// <returns>The default when there is no such file, or none that can be looked at.</returns>
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            return file.Exists ? new(file.Length, file.LastWriteTimeUtc) : default;
        }
        catch (Exception)
        {
            return default;
        }
    }
}
