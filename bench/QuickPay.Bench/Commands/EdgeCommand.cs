using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using QuickPay.Bench.Load;
using QuickPay.Bench.Report;
using QuickPay.Bench.Targets;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Commands;

/// <summary>`bench edge`: what firewall, limits, TLS and balancing add to a request.</summary>
internal sealed class EdgeCommand(BenchConsole console, TimeProvider clock)
{
    /// <summary>The load comes from many addresses, as members do; each stays far below what one may send.</summary>
    private const int Sources = 250;

    private const int ClosedLoopConnections = 64;

    /// <param name="compare">Send the load through a bare TLS proxy, too.</param>
    public async Task<int> RunAsync(
        RigOptions rigOptions,
        LoadOptions options,
        int rounds,
        bool compare,
        bool json,
        CancellationToken cancellationToken
    )
    {
        options = options with { Connections = options.Connections ?? (options.Rate is null ? ClosedLoopConnections : null) };
        await using var rig = await BenchRig.StartAsync(rigOptions, console, clock, cancellationToken, withEdge: true);
        await using var baseline = compare ? await YarpBaseline.StartAsync(rig.Stack!, clock, cancellationToken) : null;
        var target = QuickPayTarget.Of(rig.Stack!, baseline);
        await using var session = await LoadSession.OpenAsync(target, options, console, clock, cancellationToken);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(rig.Stack!.Servers.Data.RootCertificate);
        using var inside = new HttpClient { BaseAddress = new Uri(rig.Stack.Hosts.Single(host => host.Role == "edge").HealthUrl) };
        var through = WayThrough(rig.Stack, authority);
        var bare = baseline?.Way(authority, Sources);
        var accounts = await session.OpenAccountsAsync(options.Accounts, cancellationToken);
        await session.WarmUpAsync(accounts, options, cancellationToken);
        await session.WarmUpAsync(accounts, options, cancellationToken, through);
        if (bare is not null)
        {
            await session.WarmUpAsync(accounts, options, cancellationToken, bare);
        }

        List<EdgeRound> done = [];
        for (var round = 1; round <= rounds; round++)
        {
            console.Step(
                Invariant($"Round {round} of {rounds}: direct, then {(compare ? "through a bare proxy, then " : "")}through the edge")
            );
            var direct = await session.RunAsync(accounts, options, null, cancellationToken);
            var proxy = bare is null ? null : await session.RunAsync(accounts, options, null, cancellationToken, bare);
            var before = await DecisionsAsync(inside, cancellationToken);
            var edge = await session.RunAsync(accounts, options, null, cancellationToken, through);
            var after = await DecisionsAsync(inside, cancellationToken);
            var share = (after.Fast - before.Fast) / Math.Max(1.0, after.All - before.All);
            done.Add(new EdgeRound(direct, edge, share, proxy));
            console.Step(
                Invariant(
                    $"+{done[^1].AddedP50Ms:0.00} ms P50, +{done[^1].AddedP99Ms:0.00} ms P99, {done[^1].EdgeMicroseconds:0.0} µs a request"
                )
            );
        }

        var report = new EdgeReport(done);
        var machine = await Machine.OfAsync(session.Database, cancellationToken);
        if (json)
        {
            JsonOutput.Write(
                new
                {
                    command = "edge",
                    machine,
                    seed = options.Seed,
                    result = report,
                    held = report.Held,
                }
            );
        }
        else
        {
            Verdict.Write(console, report);
            Verdict.WriteFoot(console, machine, options.Seed);
        }

        return report.Held ? 0 : 1;
    }

    private static LoadWay WayThrough(LocalStack stack, X509Certificate2 authority)
    {
        var url = new Uri(stack.EdgeUrls[0]);
        return new LoadWay("edge", new IPEndPoint(IPAddress.Loopback, url.Port), url.Authority, authority, Sources);
    }

    /// <summary>How the firewall has decided so far, as the edge's internal page says.</summary>
    private static async Task<(double Fast, double All)> DecisionsAsync(HttpClient inside, CancellationToken cancellationToken)
    {
        using var counters = JsonDocument.Parse(await inside.GetStringAsync(new Uri("/counters", UriKind.Relative), cancellationToken));
        var (fast, all) = (0.0, 0.0);
        foreach (var counter in counters.RootElement.EnumerateArray())
        {
            if (counter.GetProperty("name").GetString() == "quickpay.edge.firewall.requests")
            {
                var value = counter.GetProperty("value").GetDouble();
                all += value;
                fast += counter.GetProperty("tags").GetProperty("decision").GetString() == "fast" ? value : 0;
            }
        }

        return (fast, all);
    }
}
