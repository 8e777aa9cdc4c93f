using Npgsql;

namespace QuickPay.Functions;

/// <summary>What is told of a failure. Of what is not known to be without secrets, only its name.</summary>
internal static class Reason
{
    public static string Of(Exception exception) =>
        exception switch
        {
            FunctionException => exception.Message,
            // Not the detail, which may have values in it.
            PostgresException refused => $"PostgreSQL: {refused.SqlState}: {refused.MessageText}",
            NpgsqlException { InnerException: { } inner } => $"PostgreSQL: {exception.Message} ({inner.GetType().Name})",
            NpgsqlException => $"PostgreSQL: {exception.Message}",
            OperationCanceledException =>
                "It takes longer than the function may. What is done stays done: the next time goes on from there.",
            _ => exception.GetType().Name,
        };
}
