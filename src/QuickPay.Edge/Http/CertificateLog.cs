namespace QuickPay.Edge.Http;

/// <summary>Log messages about the certificate.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(4001, LogLevel.Information, "The certificate {File} was read again; it is valid until {End:u}")]
    public static partial void Reloaded(ILogger logger, string file, DateTimeOffset end);

    [LoggerMessage(4002, LogLevel.Warning, "The certificate {File} changed but cannot be used yet; the old one stays: {Reason}")]
    public static partial void Unusable(ILogger logger, string file, string reason);

    [LoggerMessage(4003, LogLevel.Error, "The certificate {File} ends at {End:u}: replace it, the edge reads it again by itself")]
    public static partial void NearItsEnd(ILogger logger, string file, DateTimeOffset end);
}
