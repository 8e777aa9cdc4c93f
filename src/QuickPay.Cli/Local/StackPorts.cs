namespace QuickPay.Cli.Local;

/// <summary>
/// Where a stack listens. One number decides all others, so that a second copy needs no more than another one:
/// <code>
/// edge, HTTPS          8443
/// edge, redirects      8080   = HTTPS - 363
/// API servers          8081 … = redirects + 1 …
/// health, inside pages 9090 … = first API server + 1009 …; others where these are taken
/// </code>
/// </summary>
/// <param name="Https">The edge, for members; further edges follow.</param>
/// <param name="Redirect">Where plain HTTP is told to use HTTPS.</param>
/// <param name="Api">The first API server; the others follow.</param>
/// <param name="Internal">Where the stack is looked after from: from here upwards, one a process.</param>
public sealed record StackPorts(int Https, int Redirect, int Api, int Internal)
{
    public const int DefaultHttps = 8443;
    private const int RedirectBelowHttps = 363;
    private const int InternalAboveApi = 1009;

    /// <summary>The least HTTPS port below which all others have room.</summary>
    internal const int HttpsMin = RedirectBelowHttps + 1;

    /// <summary>The ports that go with an HTTPS port.</summary>
    public static StackPorts Of(int https)
    {
        var redirect = https - RedirectBelowHttps;
        return new StackPorts(https, redirect, redirect + 1, redirect + 1 + InternalAboveApi);
    }

    /// <summary>A stack without an edge: members come to its API servers.</summary>
    internal static StackPorts WithoutEdge(int api) => new(0, 0, api, api + InternalAboveApi);

    /// <summary>An HTTPS port that is free, as are those that go with it: for stacks that nobody knows by their number.</summary>
    public static int FreeHttps(int apiServers = 1)
    {
        while (true)
        {
            var ports = Of(Ports.FreeFrom(null));
            if (
                Ports.IsFreeForBoth(ports.Https)
                && Ports.IsFreeForBoth(ports.Redirect)
                && Enumerable.Range(ports.Api, apiServers).All(Ports.IsFree)
            )
                return ports.Https;
        }
    }
}
