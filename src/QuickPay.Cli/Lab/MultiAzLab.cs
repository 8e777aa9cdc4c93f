using System.Globalization;
using System.Net;
using Npgsql;
using QuickPay.Cli.Drills.Kinds;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;
using QuickPay.Security;
using static QuickPay.Cli.Lab.LabReport;

namespace QuickPay.Cli.Lab;

/// <summary>
/// The course's first lab as a guided run: three zones are built and looked at, the primary is lost under load, and what members saw is
/// judged. On a stack of its own, which is gone afterwards.
/// </summary>
internal static class MultiAzLab
{
    public static async Task RunAsync(
        LabReport report,
        string reports,
        Action<string> say,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        await using var stack = await ZonedStack.StartAsync(
            new ZonedStackOptions
            {
                Data = DataFolder.Temporary("lab"),
                DeleteAtEnd = true,
                Say = say,
                Clock = clock,
                EdgeSettings = DrillLimits.For,
            },
            cancellationToken
        );
        var options = new DrillOptions
        {
            Reports = reports,
            Rate = 100,
            Say = say,
            Clock = clock,
        };
        await new Tour(stack, report).TakeAsync(cancellationToken);
        using var runner = await DrillRunner.CreateAsync(stack, options, cancellationToken);
        await FailOverAsync(runner, report, cancellationToken);
    }

    private static async Task FailOverAsync(DrillRunner runner, LabReport report, CancellationToken cancellationToken)
    {
        DrillResult? result = null;
        await report.StepAsync(
            "fail over",
            "The primary is lost under load, and its standby takes over by itself",
            async () =>
            {
                result = await runner.RunAsync(DatabaseDrill.Create(), cancellationToken);
                return string.Join("; ", result.Events.Select(happened => $"{DrillJudge.Seconds(happened.At)} {happened.Text}"));
            }
        );
        foreach (var promise in result?.Promises ?? [])
            await report.StepAsync(
                "fail over",
                promise.Text,
                () =>
                {
                    Require(promise.Held, promise.Seen);
                    return Task.FromResult(promise.Seen);
                }
            );
        if (result?.Report is { } folder)
            await report.StepAsync("fail over", "Its picture stays", () => Task.FromResult(Path.Combine(folder, "timeline.svg")));
    }

    /// <summary>What stands there before anything is broken.</summary>
    private sealed class Tour(ZonedStack stack, LabReport report)
    {
        private const int Commits = 20;

        private string RootCertificate => stack.Data.RootCertificate;

        public async Task TakeAsync(CancellationToken cancellationToken)
        {
            await report.StepAsync(
                "zones",
                "Every server runs, each more than once, over three zones",
                () => ServersAsync(cancellationToken)
            );
            await report.StepAsync("zones", "A zone is a network of its own", () => Task.FromResult(Networks()));
            await report.StepAsync(
                "postgres",
                "One primary, and a standby in another zone that acknowledges",
                () => PairAsync(cancellationToken)
            );
            await report.StepAsync(
                "postgres",
                "A commit that was answered is on the standby's disk",
                () => CommitsAsync(cancellationToken)
            );
            await report.StepAsync("postgres", "Read replicas stream from that standby", () => ReplicasAsync(cancellationToken));
            await report.StepAsync("postgres", "Replication goes through TLS", () => ReplicationAsync(cancellationToken));
            await report.StepAsync("postgres", "Without TLS nobody comes in", () => WithoutTlsAsync(cancellationToken));
            await report.StepAsync(
                "patroni",
                "It tells what it is, and obeys nobody without a password",
                () => PatroniAsync(cancellationToken)
            );
            await report.StepAsync("etcd", "It refuses who has no certificate of its own authority", () => EtcdAsync(cancellationToken));
            await report.StepAsync("redis", "One primary with both replicas in step, three sentinels", () => RedisAsync(cancellationToken));
            await report.StepAsync("redis", "Without a password it refuses", () => RedisRefusesAsync(cancellationToken));
            await report.StepAsync("edge", "Both edges serve, and know all five API servers", () => EdgesAsync(cancellationToken));
        }

        private async Task<string> ServersAsync(CancellationToken cancellationToken)
        {
            var status = await StackStatus.ReadAsync(stack.Data, cancellationToken);
            var sick = status.Processes.Where(process => process.Health != ProcessStatus.Healthy).Select(process => process.Name).ToList();
            Require(sick.Count == 0, $"not healthy: {string.Join(", ", sick)}");
            return string.Join(
                "; ",
                status.Processes.GroupBy(process => process.Role).Select(role => $"{role.Count()} {role.Key} in {Zones(role)}")
            );

            static string Zones(IEnumerable<ProcessStatus> processes) =>
                string.Join(' ', processes.Select(process => process.Zone).Order().Distinct());
        }

        private string Networks() =>
            string.Join(
                "; ",
                stack.Network.Zones.Select(zone => $"{zone.Name}: {zone.Address}, {zone.Namespace ?? "on loopback, which cannot be cut"}")
            );

        private async Task<string> PairAsync(CancellationToken cancellationToken)
        {
            var (primary, standby) = await NodesAsync(cancellationToken);
            Require(primary.Zone != standby.Zone, "both are in one zone");
            return $"{primary.NodeName} in zone {primary.Zone}, acknowledged by {standby.NodeName} in zone {standby.Zone}";
        }

        private async Task<string> CommitsAsync(CancellationToken cancellationToken)
        {
            var (primary, standby) = await NodesAsync(cancellationToken);
            await using var writing = NpgsqlDataSource.Create(primary.SuperuserConnectionString());
            await using var reading = NpgsqlDataSource.Create(standby.SuperuserConnectionString());
            for (var i = 0; i < Commits; i++)
            {
                var at = await AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>(
                    writing,
                    "SELECT pg_logical_emit_message(true, 'lab', 'a commit')",
                    cancellationToken
                );
                var there = await AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>(
                    reading,
                    "SELECT pg_last_wal_receive_lsn()",
                    cancellationToken
                );
                Require(there >= at, $"answered at {at}, the standby has {there}");
            }
            return $"{Commits} commits, each looked for on {standby.NodeName} at once";
        }

        private async Task<string> ReplicasAsync(CancellationToken cancellationToken)
        {
            var (_, standby) = await NodesAsync(cancellationToken);
            var view = await stack.Postgres.ViewAsync(cancellationToken);
            foreach (var replica in stack.Postgres.Replicas)
            {
                var from = view.Servers.FirstOrDefault(server => server.Name == replica.Name)?.StreamsFrom;
                Require(from == standby.PostgresAddress, $"{replica.Name} streams from {from ?? "nobody"}");
            }
            return $"{string.Join(", ", stack.Postgres.Replicas.Select(replica => replica.Name))} from {standby.NodeName}";
        }

        private async Task<string> ReplicationAsync(CancellationToken cancellationToken)
        {
            var (primary, _) = await NodesAsync(cancellationToken);
            await using var source = NpgsqlDataSource.Create(primary.SuperuserConnectionString());
            var versions = await AskAsync<string[]>(
                source,
                "SELECT array_agg(coalesce(s.version, 'none')) FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)",
                cancellationToken
            );
            Require(versions.Length >= 2 && versions.All(version => version == "TLSv1.3"), string.Join(", ", versions));
            return $"{versions.Length} receivers, {versions[0]} each";
        }

        private async Task<string> WithoutTlsAsync(CancellationToken cancellationToken)
        {
            var (primary, _) = await NodesAsync(cancellationToken);
            var settings = new NpgsqlConnectionStringBuilder(stack.Postgres.ConnectionTo(primary, PostgresRoles.Api).ConnectionString)
            {
                SslMode = SslMode.Disable,
                Pooling = false,
            };
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(cancellationToken);
            }
            catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidAuthorizationSpecification)
            {
                return refused.MessageText;
            }
            throw new BrokenPromiseException("it let us in");
        }

        private async Task<string> PatroniAsync(CancellationToken cancellationToken)
        {
            var (primary, _) = await NodesAsync(cancellationToken);
            using var http = Believing(RootCertificate);
            using var told = await http.GetAsync(new Uri($"https://{primary.Address}/primary"), cancellationToken);
            Require(told.StatusCode == HttpStatusCode.OK, $"GET /primary: {(int)told.StatusCode}");
            using var refused = await http.PostAsync(new Uri($"https://{primary.Address}/restart"), null, cancellationToken);
            Require(refused.StatusCode == HttpStatusCode.Unauthorized, $"POST /restart: {(int)refused.StatusCode}");
            return $"{primary.Address}: GET /primary 200, POST /restart 401";
        }

        private async Task<string> EtcdAsync(CancellationToken cancellationToken)
        {
            var address = $"{stack.Network.Zones[0].Address}:{EtcdServer.ClientPort}";
            Require(await TcpProbe.AcceptsAsync(IPEndPoint.Parse(address), cancellationToken), $"nobody listens at {address}");
            using var http = Believing(Path.Combine(stack.Data.Tls, "etcd", "ca.crt"));
            try
            {
                using var answer = await http.GetAsync(new Uri($"https://{address}/v2/keys/"), cancellationToken);
            }
            catch (HttpRequestException refused)
            {
                return $"{address}: {(refused.InnerException ?? refused).Message}";
            }
            throw new BrokenPromiseException("it answered");
        }

        private async Task<string> RedisAsync(CancellationToken cancellationToken)
        {
            Require(await stack.Redis.IsCompleteAsync(cancellationToken), "it is not complete");
            return $"{(await stack.Redis.FindPrimaryAsync(cancellationToken))?.Name} is primary";
        }

        private async Task<string> RedisRefusesAsync(CancellationToken cancellationToken)
        {
            List<string> seen = [];
            foreach (var server in stack.Redis.Servers)
            {
                var answer = (await RedisProbe.AskAsync(server.Connection(RedisUsers.Api), ["PING"], cancellationToken))[0];
                Require(answer.StartsWith("-NOAUTH", StringComparison.Ordinal), $"{server.Name}: {answer}");
                seen.Add($"{server.Name} {answer}");
            }
            return string.Join("; ", seen);
        }

        private async Task<string> EdgesAsync(CancellationToken cancellationToken)
        {
            using var http = Believing(RootCertificate);
            List<string> seen = [];
            foreach (var edge in stack.Hosts.Where(host => host.Role == "edge"))
            {
                using var answer = await http.GetAsync(new Uri($"{edge.Address}/.well-known/jwks.json"), cancellationToken);
                Require(answer.IsSuccessStatusCode, $"{edge.Name}: {(int)answer.StatusCode}");
                var servers = await http.GetStringAsync(new Uri($"{edge.HealthUrl}/servers"), cancellationToken);
                var known = stack.Hosts.Count(host => host.Role == "api" && servers.Contains(host.Name, StringComparison.Ordinal));
                Require(known == 5, string.Create(CultureInfo.InvariantCulture, $"{edge.Name} knows {known} servers"));
                seen.Add($"{edge.Name} at {edge.Address}");
            }
            return string.Join("; ", seen);
        }

        private async Task<(PatroniNode Primary, PatroniNode Standby)> NodesAsync(CancellationToken cancellationToken)
        {
            var view = await stack.Postgres.ViewAsync(cancellationToken);
            Require(view.Primaries.Count() == 1, $"{view.Primaries.Count()} take writes");
            return (
                stack.Postgres.NodeOf(view.Primary!.Name),
                stack.Postgres.SynchronousStandbyIn(view) ?? throw new BrokenPromiseException("nobody acknowledges")
            );
        }

        private static async Task<T> AskAsync<T>(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
        {
            await using var command = source.CreateCommand(sql);
            return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        private static HttpClient Believing(string rootCertificate)
        {
            var handler = new SocketsHttpHandler { UseProxy = false };
            handler.SslOptions.CertificateChainPolicy = PrivateAuthority.Only(rootCertificate);
            return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        }
    }
}
