namespace QuickPay.Api;

/// <summary>Ids in paths.</summary>
public static class PathId
{
    /// <summary>An id that cannot be one takes the same way as one that is not there, and so gets the same answer.</summary>
    /// <returns>The nil UUID, which nothing has, for what is no id.</returns>
    public static Guid Parse(string text) => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty;
}
