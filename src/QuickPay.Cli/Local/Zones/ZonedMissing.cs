namespace QuickPay.Cli.Local.Zones;

/// <summary>Whether three zones are whole.</summary>
internal static class ZonedMissing
{
    /// <summary>What is not as it should be, a few words each; empty when everything runs, every pair is one and every replica follows.</summary>
    public static async Task<IReadOnlyList<string>> InAsync(ZonedStack stack, CancellationToken cancellationToken)
    {
        var view = await stack.Postgres.ViewAsync(cancellationToken).ConfigureAwait(false);
        var missing = stack.Postgres.MissingIn(view).ToList();
        if (!await stack.Redis.IsCompleteAsync(cancellationToken).ConfigureAwait(false))
            missing.Add("Redis has no primary with both replicas in step and three sentinels");
        var ready = await Task.WhenAll(stack.Hosts.Select(host => host.IsReadyAsync(cancellationToken))).ConfigureAwait(false);
        missing.AddRange(stack.Hosts.Where((_, i) => !ready[i]).Select(host => $"{host.Name} is not ready"));
        missing.AddRange(await SilentKeepersAsync(stack, cancellationToken).ConfigureAwait(false));
        var workers = stack.Hosts.Where(host => host.Role == "worker");
        var leads = await Task.WhenAll(workers.Select(worker => ProcessStates.LeadsAsync(worker.HealthUrl, cancellationToken)))
            .ConfigureAwait(false);
        if (leads.Count(yes => yes == true) is var leaders and not 1)
            missing.Add($"{leaders} workers lead");
        return missing;
    }

    /// <summary>An etcd that knows no leader, a Patroni whose loop stands still: the next failure would find less than this one did.</summary>
    private static async Task<IEnumerable<string>> SilentKeepersAsync(ZonedStack stack, CancellationToken cancellationToken)
    {
        (string Name, string Url)[] keepers =
        [
            .. stack.Postgres.Etcd.Select(server => (server.Name, $"{server.HealthUrl}/health")),
            .. stack.Postgres.Nodes.Select(node => (node.Name, $"https://{node.Address}/liveness")),
        ];
        var answers = await Task.WhenAll(
                keepers.Select(keeper => HealthProbe.SaysYesAsync(keeper.Url, stack.Data.RootCertificate, cancellationToken))
            )
            .ConfigureAwait(false);
        return keepers.Where((_, i) => !answers[i]).Select(keeper => $"{keeper.Name} does not answer");
    }
}
