using QuickPay.Aws.Network;

namespace QuickPay.Aws.Data;

/// <summary>
/// A role at a server. Nobody has a password there: whoever may log in signs a token for exactly these two, which RDS takes for a quarter of an hour.
/// </summary>
/// <param name="Server">Its address.</param>
internal sealed record DatabaseLogin(string Server, string Role)
{
    public const string Migrator = "qp_migrator";
    public const string Statistics = "qp_stats";
    private const string Api = "qp_api";
    private const string Worker = "qp_worker";

    /// <summary>An API server reads from replicas, and from the primary where none is in step.</summary>
    public static IReadOnlyList<DatabaseLogin> OfApi(string primary, IReadOnlyList<string> replicas) =>
        [
            .. replicas
                .Prepend(primary)
                .SelectMany(server => new[] { new DatabaseLogin(server, Api), new DatabaseLogin(server, Statistics) }),
        ];

    public static IReadOnlyList<DatabaseLogin> OfWorker(string primary) => [new(primary, Worker)];

    /// <summary>As <c>libpq</c>'s password files name it.</summary>
    public override string ToString() => $"{Server}:{SecurityGroups.DatabasePort}:{Database.Name}:{Role}";
}
