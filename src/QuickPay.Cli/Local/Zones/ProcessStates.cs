using System.Net;
using System.Text.Json;

namespace QuickPay.Cli.Local.Zones;

/// <summary>What each server is among its like at the moment, in the layout of three zones; elsewhere everything but the worker is alone.</summary>
internal static class ProcessStates
{
    /// <summary>Whether a worker leads; null when it does not say.</summary>
    public static async Task<bool?> LeadsAsync(string healthUrl, CancellationToken cancellationToken)
    {
        var answer = await HealthProbe.TryReadAsync($"{healthUrl}/leader", rootCertificate: "", cancellationToken).ConfigureAwait(false);
        return answer is null ? null : JsonElement.Parse(answer).GetProperty("leader").GetBoolean();
    }

    public static async Task<IReadOnlyDictionary<string, (string? Part, long? BehindBytes)>> ReadAsync(
        DataFolder data,
        IReadOnlyList<RunningProcess> processes,
        CancellationToken cancellationToken
    )
    {
        var states = new Dictionary<string, (string?, long?)>();
        var workers = processes.Where(process => process.Role == "worker").ToList();
        var leads = await Task.WhenAll(workers.Select(LeadsAsync)).ConfigureAwait(false);
        foreach (var (worker, leader) in workers.Zip(leads))
            states[worker.Name] = (
                leader is { } yes
                    ? yes
                        ? "leader"
                        : "stands by"
                    : null,
                null
            );
        var databases = processes.Where(process => process.Role is "postgres" or "replica").ToList();
        if (databases.Count < 2)
            return states;
        var view = await PostgresView
            .ReadAsync(databases.Select(process => (process.Name, Superuser(process))), cancellationToken)
            .ConfigureAwait(false);
        var primary = view.Primary;
        foreach (var says in view.Servers)
            states[says.Name] = (PartOf(says), primary is null || says == primary ? null : Math.Max(0, (long)(primary.Lsn - says.Lsn)));

        var secrets = Secrets.LoadOrCreate(data.Secrets, []);
        var admin = secrets.PasswordOf(RedisUsers.SecretOf(RedisUsers.Admin));
        foreach (var redis in processes.Where(process => process.Role == "redis"))
        {
            var connection = new RedisConnection(redis.Address, RedisUsers.Admin, admin, data.RootCertificate);
            var role = await RedisProbe.TryAskAsync(connection, "ROLE", cancellationToken).ConfigureAwait(false);
            states[redis.Name] = (
                role?.Split(' ')[0] switch
                {
                    "master" => "primary",
                    "slave" => "replica",
                    _ => null,
                },
                null
            );
        }
        return states;

        Task<bool?> LeadsAsync(RunningProcess worker) => ProcessStates.LeadsAsync(worker.HealthUrl, cancellationToken);

        string Superuser(RunningProcess process) =>
            PostgresServer.SuperuserThrough(data.SocketOf(process.Name), IPEndPoint.Parse(process.Address).Port, "postgres");

        string PartOf(PostgresSays says) =>
            says.IsPrimary
                ? says == primary
                    ? "primary"
                    : "lost primary"
                : primary?.Acknowledging.Contains(says.Name) == true
                    ? "synchronous standby"
                    : says.StreamsFrom is { } from
                        ? $"streams from {NameAt(from)}"
                        : "streams from nobody";

        string NameAt(string address) => databases.Find(process => process.Address == address)?.Name ?? address;
    }
}
