namespace QuickPay.Cli.Local;

/// <summary>Where a server of Redis stands.</summary>
/// <param name="Name">Unique on this machine, also the name of its folder and log: `redis`, `redis-a`, `sentinel-a`.</param>
/// <param name="Host">An IP address of this machine, or of the namespace.</param>
/// <param name="Port">The only one it listens on, with TLS.</param>
/// <param name="Zone">`a`, `b` or `c`.</param>
/// <param name="NetworkNamespace">The namespace that has the address; null: ours.</param>
internal sealed record RedisPlace(string Name, string Host, int Port, string Zone = "a", string? NetworkNamespace = null)
{
    public string Address => $"{Host}:{Port}";
}
