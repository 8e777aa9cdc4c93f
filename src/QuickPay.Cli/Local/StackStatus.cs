using Npgsql;

namespace QuickPay.Cli.Local;

/// <summary>What runs: the answer of `status --json`.</summary>
public sealed record StackStatus(StackUrls Urls, IReadOnlyList<ProcessStatus> Processes)
{
    // Everything on one machine is in one zone.
    private const string OnlyZone = "a";

    /// <summary>Started to the end, and every process answers.</summary>
    public bool IsHealthy() => Urls.Api is not null && Processes.All(process => process.Health == ProcessStatus.Healthy);

    /// <summary>Asks each process as its clients do.</summary>
    public static async Task<StackStatus> ReadAsync(DataFolder data, CancellationToken cancellationToken)
    {
        var state = RunState.Read(data);
        if (!state.IsRunning)
            return new StackStatus(new StackUrls(null, null), []);
        var secrets = Secrets.LoadOrCreate(data.Secrets, []);
        var rootCertificate = Path.Combine(data.Tls, "ca.crt");
        var processes = await Task.WhenAll(state.Processes.OrderBy(process => process.Name, StringComparer.Ordinal).Select(AskAsync))
            .ConfigureAwait(false);
        return new StackStatus(new StackUrls(state.ApiUrl, state.EdgeUrl), processes);

        async Task<ProcessStatus> AskAsync(RunningProcess process)
        {
            var answers =
                process.Identity.IsAlive
                && process.Role switch
                {
                    "postgres" => await AnswersAsync(
                            new PostgresConnection(
                                process.Address,
                                PostgresServer.DefaultDatabase,
                                PostgresRoles.Api,
                                secrets.PasswordOf(PostgresRoles.Api),
                                rootCertificate
                            )
                        )
                        .ConfigureAwait(false),
                    "redis" or "sentinel" => await RedisProbe
                        .AnswersAsync(
                            new RedisConnection(
                                process.Address,
                                RedisUsers.Api,
                                secrets.PasswordOf(RedisUsers.SecretOf(RedisUsers.Api)),
                                rootCertificate
                            ),
                            cancellationToken
                        )
                        .ConfigureAwait(false),
                    _ => await HealthProbe.IsReadyAsync(process.HealthUrl, cancellationToken).ConfigureAwait(false),
                };
            var health = answers ? ProcessStatus.Healthy : ProcessStatus.Unhealthy;
            var inside = process.HealthUrl == process.Address ? null : process.HealthUrl;
            return new ProcessStatus(process.Name, process.Role, OnlyZone, process.Identity.Pid, process.Address, inside, health);
        }

        async Task<bool> AnswersAsync(PostgresConnection postgres)
        {
            try
            {
                var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false, Timeout = 2 };
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }
    }
}

/// <summary>The first API server, and where members come in.</summary>
public sealed record StackUrls(string? Api, string? Edge);

/// <summary>One process and how it is.</summary>
/// <param name="Address">Where its clients come in.</param>
/// <param name="InternalAddress">Where it is looked after from, when that is another one: an edge's.</param>
/// <param name="Health">`healthy` or `unhealthy`.</param>
public sealed record ProcessStatus(string Name, string Role, string Zone, int Pid, string Address, string? InternalAddress, string Health)
{
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";
}
