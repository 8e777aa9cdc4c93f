namespace QuickPay.Edge.Balancing;

/// <summary>Log messages of the load balancer. Servers are named; what was asked of them never is.</summary>
internal static partial class BalancingLog
{
    [LoggerMessage(4101, LogLevel.Error, "The list of servers {File} cannot be used; the old one stays: {Reason}")]
    public static partial void ListUnreadable(ILogger logger, string file, string reason);

    [LoggerMessage(4102, LogLevel.Information, "The list of servers was read again: {Servers}")]
    public static partial void ListRead(ILogger logger, int servers);

    [LoggerMessage(4103, LogLevel.Warning, "Server {Server} is out: {Reason}")]
    public static partial void ServerOut(ILogger logger, string server, string reason);

    [LoggerMessage(4104, LogLevel.Information, "Server {Server} is in")]
    public static partial void ServerIn(ILogger logger, string server);

    [LoggerMessage(4105, LogLevel.Warning, "A request could not be answered: {Failure} at server {Server}, answered {Code}")]
    public static partial void Unanswered(ILogger logger, ExchangeEnd failure, string server, ProblemCode code);

    [LoggerMessage(4106, LogLevel.Error, "A request could not be passed on")]
    public static partial void NotPassedOn(ILogger logger, Exception? exception);
}
