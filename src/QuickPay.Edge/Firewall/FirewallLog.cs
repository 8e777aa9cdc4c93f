using System.Net;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// The firewall's log messages; 4201 and 4202 are its record. They carry no more of a request than <see cref="RuleMatch"/> does; the
/// request id stands in the line's scope too.
/// </summary>
internal static partial class FirewallLog
{
    private const string Record =
        "{Call} of {Client}, request {RequestId}: {Attack} by rules {Rules}, score {Score} at level {ParanoiaLevel}, in {Variable}, matched {Matched}";

    [LoggerMessage(4201, LogLevel.Warning, $"Blocked {Record}")]
    public static partial void Blocked(
        ILogger logger,
        string call,
        IPAddress client,
        string requestId,
        string attack,
        string rules,
        int score,
        int paranoiaLevel,
        string variable,
        string matched
    );

    [LoggerMessage(4202, LogLevel.Information, $"Remarked and let pass {Record}")]
    public static partial void Detected(
        ILogger logger,
        string call,
        IPAddress client,
        string requestId,
        string attack,
        string rules,
        int score,
        int paranoiaLevel,
        string variable,
        string matched
    );

    [LoggerMessage(4203, LogLevel.Error, "An inspection failed; its request was refused: {Kind} {Reason}")]
    public static partial void InspectionFailed(ILogger logger, string kind, string reason);

    [LoggerMessage(4204, LogLevel.Warning, "Inspecting threads could not be made to stand back by {Niceness}")]
    public static partial void NoNiceness(ILogger logger, int niceness);

    [LoggerMessage(
        4206,
        LogLevel.Warning,
        "The rules ({Versions}) are not those the fast path was tried against; every request is inspected"
    )]
    public static partial void UntriedRules(ILogger logger, string versions);
}
