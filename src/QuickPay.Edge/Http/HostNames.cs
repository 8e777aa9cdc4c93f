using System.Collections.Frozen;

namespace QuickPay.Edge.Http;

/// <summary>
/// Which host names are served; who asks for others learns nothing. Only what the settings name is compared, letter case aside: a trailing
/// dot, user information, another port or another spelling of an address is another host.
/// </summary>
internal sealed class HostNames
{
    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string> _authorities;

    public HostNames(EdgeOptions options)
    {
        var names = EdgeOptions.Split(options.HostNames);
        var ports = options.HttpsEndpoints.Select(endpoint => endpoint.Port).Append(options.PublicHttpsPort).Distinct();
        _names = names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _authorities = names
            .Concat(from name in names from port in ports select $"{name}:{port}")
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Over HTTPS: without a port, or with one that members are told or that is listened at.</summary>
    public bool Serves(HostString host) => host.Value is { } value && _authorities.Contains(value);

    /// <summary>Over plain HTTP, whose public port nobody has told: with any port.</summary>
    public bool Redirects(HostString host) => host.HasValue && _names.Contains(host.Host);
}
