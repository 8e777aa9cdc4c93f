using System.Net;

namespace QuickPay.Edge.Countries;

/// <summary>Log messages about countries.</summary>
internal static partial class CountryLog
{
    [LoggerMessage(4301, LogLevel.Error, "No IP-country database at {File}: all countries are unknown, and strangers are {Fate}: {Reason}")]
    public static partial void Missing(ILogger logger, string file, string fate, string reason);

    [LoggerMessage(4302, LogLevel.Warning, "The IP-country database {File} changed and cannot be read; the old one stays: {Reason}")]
    public static partial void Unreadable(ILogger logger, string file, string reason);

    [LoggerMessage(4303, LogLevel.Warning, "The IP-country database {File} is old, built at {Built:u}: addresses have changed hands since")]
    public static partial void Old(ILogger logger, string file, DateTimeOffset built);

    [LoggerMessage(4304, LogLevel.Information, "The IP-country database {File} was read again, built at {Built:u}")]
    public static partial void Reloaded(ILogger logger, string file, DateTimeOffset built);

    [LoggerMessage(4305, LogLevel.Error, "The IP-country database {File} fails for some addresses, whose country is unknown now: {Reason}")]
    public static partial void Failed(ILogger logger, string file, string reason);

    [LoggerMessage(
        4306,
        LogLevel.Warning,
        "Country rules do not apply to {Client}, a private address. If a proxy stands in front, name it in Edge:TrustedProxies: without that all who come through it are let in"
    )]
    public static partial void PrivateClient(ILogger logger, IPAddress client);
}
