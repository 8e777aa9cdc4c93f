using System.Net;
using QuickPay.Bench.Load;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Proof;

namespace QuickPay.Bench.Targets;

/// <summary>A running system that members can join and pay in through HTTP, and whose books can be looked into.</summary>
internal interface ILoadTarget : IAsyncDisposable
{
    /// <summary>quickpay or express.</summary>
    string Name { get; }

    /// <summary>What exactly runs, for the report.</summary>
    string Description { get; }

    Uri Url { get; }

    /// <summary>The superuser's way to its database: accounts are made and proofs are asked through it.</summary>
    string SuperuserConnectionString { get; }

    BooksSql Books { get; }

    /// <summary>Its processes; the one named "api" answers HTTP.</summary>
    IReadOnlyList<MeteredRole> Roles { get; }

    /// <summary>Connection counts worth trying for its best throughput.</summary>
    IReadOnlyList<int> ConnectionCandidates { get; }

    /// <summary>The statements that make the accounts of a set, owned by the members in turn.</summary>
    IReadOnlyList<string> OpenAccountsSql(AccountSet accounts, IReadOnlyList<Guid> owners);
}

internal static class LoadTargetExtensions
{
    /// <summary>Where the generator connects to.</summary>
    public static IPEndPoint Endpoint(this ILoadTarget target) =>
        target.Url.Scheme == "http" && IPAddress.TryParse(target.Url.Host == "localhost" ? "127.0.0.1" : target.Url.Host, out var address)
            ? new IPEndPoint(address, target.Url.Port)
            : throw new BenchException($"The load generator speaks plain HTTP to an address (http://127.0.0.1:8081), not {target.Url}.");
}
