using Npgsql;

namespace QuickPay.Cli.Local;

/// <summary>Asks a process what its clients would ask it, to see whether it answers.</summary>
internal sealed class ProcessQuestions(DataFolder data)
{
    private readonly Secrets _secrets = Secrets.LoadOrCreate(data.Secrets, []);
    private readonly string _rootCertificate = data.RootCertificate;

    public Task<bool> AnswersAsync(RunningProcess process, CancellationToken cancellationToken) =>
        process.Role switch
        {
            "postgres" or "replica" => LetsUsInAsync(process, cancellationToken),
            "redis" or "sentinel" => RedisProbe.AnswersAsync(
                new RedisConnection(
                    process.Address,
                    RedisUsers.Api,
                    _secrets.PasswordOf(RedisUsers.SecretOf(RedisUsers.Api)),
                    _rootCertificate
                ),
                cancellationToken
            ),
            // Its loop has gone round lately.
            "patroni" => HealthProbe.SaysYesAsync($"https://{process.Address}/liveness", _rootCertificate, cancellationToken),
            // It knows a leader.
            "etcd" => HealthProbe.SaysYesAsync($"{process.HealthUrl}/health", _rootCertificate, cancellationToken),
            _ => HealthProbe.IsReadyAsync(process.HealthUrl, _rootCertificate, cancellationToken),
        };

    private async Task<bool> LetsUsInAsync(RunningProcess process, CancellationToken cancellationToken)
    {
        var postgres = new PostgresConnection(
            process.Address,
            PostgresServer.DefaultDatabase,
            PostgresRoles.Api,
            _secrets.PasswordOf(PostgresRoles.Api),
            _rootCertificate
        );
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
