using QuickPay.Members;
using QuickPay.Operators;

namespace QuickPay.Api.Operators;

/// <summary>The one place where it is noted who comes as an operator, and what operators look at. Today these are lines in the log.</summary>
internal sealed partial class OperatorAudit(ILogger<OperatorAudit> logger)
{
    private const int QueryMax = 512;

    /// <summary>An operator has logged in. To be noted before they hear of it.</summary>
    /// <param name="login">What they will read is noted with it.</param>
    public void NoteLogIn(string name, OperatorCaller login) => LoggedIn(logger, login.OperatorId, name, login.LoginId);

    /// <summary>Somebody was not let in as an operator.</summary>
    /// <param name="name">As given. Of nobody's it is not told: somebody may have typed their password there.</param>
    /// <param name="check">Why: the password was wrong, or the name is locked.</param>
    public void NoteRefusal(string name, OperatorCheck check) =>
        Refused(logger, check.OperatorId == Guid.Empty ? "unknown" : name, check.Outcome);

    /// <param name="who">The operator.</param>
    /// <param name="login">By which log-in.</param>
    /// <param name="context">Which call, and what was asked: ids and dates, never anything secret.</param>
    public void NoteRead(Operator who, Guid login, HttpContext context)
    {
        var call = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
        var query = context.Request.QueryString.Value ?? "";
        Reads(logger, who.Id, who.Name, login, context.Request.Method, call, query.Length > QueryMax ? query[..QueryMax] : query);
    }

    [LoggerMessage(3030, LogLevel.Information, "Operator {OperatorId} ({Name}), log-in {Login}: {Method} {Call} {Query}")]
    private static partial void Reads(ILogger logger, Guid operatorId, string name, Guid login, string method, string call, string query);

    [LoggerMessage(3031, LogLevel.Information, "Operator {OperatorId} ({Name}) has logged in: log-in {Login}")]
    private static partial void LoggedIn(ILogger logger, Guid operatorId, string name, Guid login);

    [LoggerMessage(3032, LogLevel.Warning, "A log-in as operator {Name} was refused: {Why}")]
    private static partial void Refused(ILogger logger, string name, LoginOutcome why);
}
