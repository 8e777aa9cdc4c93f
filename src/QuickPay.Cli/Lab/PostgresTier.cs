using System.Net;
using Npgsql;
using QuickPay.Cli.Local;
using static QuickPay.Cli.Lab.LabReport;

namespace QuickPay.Cli.Lab;

/// <summary>The third tier's truth, seen from the API: only its roles come in, only with their passwords, only over TLS, only from here.</summary>
internal sealed class PostgresTier(PostgresServer postgres, LabReport report)
{
    private const string Tier = "postgres";

    // Loopback is 127.0.0.0/8: another machine's address, as far as pg_hba.conf can tell.
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.2");

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var api = postgres.Connection(PostgresRoles.Api).ConnectionString;
        await StepAsync(
            "The API's role comes in with its password, over TLS 1.3",
            async () =>
            {
                await using var source = NpgsqlDataSource.Create(Unpooled(api).ConnectionString);
                await using var command = source.CreateCommand(
                    "SELECT current_user || '@' || current_database() || ' ' || version || ' ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                );
                var seen = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
                Require(seen.Contains("TLSv1.3", StringComparison.Ordinal), seen);
                return seen;
            }
        );
        foreach (
            var (promise, change) in new (string, Action<NpgsqlConnectionStringBuilder>)[]
            {
                ("Without TLS it is refused", it => (it.SslMode, it.RootCertificate) = (SslMode.Disable, null)),
                ("With a wrong password it is refused", it => it.Password += "x"),
                ("An unknown role is refused", it => it.Username = "qp_stranger"),
                ("The superuser is refused over the network", it => it.Username = PostgresRoles.Superuser),
                ("A database that is not QuickPay's is refused", it => it.Database = "postgres"),
            }
        )
            await StepAsync(
                promise,
                async () =>
                {
                    var settings = Unpooled(api);
                    change(settings);
                    return await RefusedAsync(settings.ConnectionString, cancellationToken);
                }
            );
        await StepAsync(
            $"From another address ({Elsewhere}) it is refused before a password is asked for",
            async () =>
            {
                var reply = await PostgresKnock.AskAsync(
                    postgres,
                    PostgresRoles.Api,
                    PostgresServer.DefaultDatabase,
                    Elsewhere,
                    cancellationToken
                );
                Require(reply.Refused, $"it asks {Elsewhere} for a password");
                return reply.Text;
            }
        );
        await StepAsync(
            "The API's role can neither change a transfer nor make a table",
            async () =>
            {
                await using var source = NpgsqlDataSource.Create(Unpooled(api).ConnectionString);
                List<string> seen = [];
                foreach (
                    var sql in (string[])["UPDATE transfers SET amount = amount", "DELETE FROM transfers", "CREATE TABLE mine (n int)"]
                )
                    seen.Add(await ForbiddenAsync(source, sql, cancellationToken));
                return string.Join("; ", seen);
            }
        );
        await StepAsync(
            "PostgreSQL is reached from this machine alone",
            () => Reach.RequireLoopbackAloneAsync([postgres.Port], cancellationToken)
        );
    }

    private Task StepAsync(string promise, Func<Task<string>> look) => report.StepAsync(Tier, promise, look);

    private static NpgsqlConnectionStringBuilder Unpooled(string connection) => new(connection) { Pooling = false };

    private static async Task<string> RefusedAsync(string connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var open = new NpgsqlConnection(connection);
            await open.OpenAsync(cancellationToken);
        }
        // Class 28: not the way to come in (28000), or not the password (28P01).
        catch (PostgresException refusal) when (refusal.SqlState.StartsWith("28", StringComparison.Ordinal))
        {
            return $"{refusal.SqlState} {refusal.MessageText}";
        }
        throw new BrokenPromiseException("it came in");
    }

    private static async Task<string> ForbiddenAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        try
        {
            await source.ExecuteAsync(sql, cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return $"{sql}: {refusal.SqlState} {refusal.MessageText}";
        }
        throw new BrokenPromiseException($"{sql}: done");
    }
}
