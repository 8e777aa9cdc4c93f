using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Forwarder;

// What TLS and forwarding cost by themselves: `bench edge --compare` holds QuickPay.Edge against it. Nothing is looked at, counted,
// chosen or logged here. Sockets, threads and the garbage collector are set as the edge's.
if (args is not [var port, var certificate, var key, var server])
{
    await Console.Error.WriteLineAsync("Usage: baseline-yarp PORT CERTIFICATE KEY SERVER");
    return 2;
}

Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
using var tls = X509Certificate2.CreateFromPemFile(certificate, key);
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel =>
    kestrel.Listen(IPAddress.Loopback, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), listen => listen.UseHttps(tls))
);
builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
builder.Services.AddHttpForwarder();
builder.Services.AddRoutingCore();
await using var app = builder.Build();
using var connections = new HttpMessageInvoker(
    new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = TimeSpan.FromSeconds(2),
    }
);
var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
app.Run(async context => await forwarder.SendAsync(context, server, connections));
await app.RunAsync();
return 0;
