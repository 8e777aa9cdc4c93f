using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Surface;

namespace QuickPay.Edge.Http;

/// <summary>The first steps of every request.</summary>
public static class EdgeMiddleware
{
    /// <summary>Before all else: what every answer says, even one that is made of an exception.</summary>
    public static void UseAnswerHeaders(this WebApplication app)
    {
        var answers = new AnswerHeaders(app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value);
        Func<object, Task> set = context => answers.SetAsync((HttpContext)context);
        app.Use(next =>
            context =>
            {
                context.Response.OnStarting(set, context);
                return next(context);
            }
        );
    }

    /// <summary>
    /// Plain HTTP gets 308 and nothing else; the internal address gets its own pages; only HTTPS goes on. By the port the connection came
    /// in at, since a Host header says whatever its sender likes. Neither is counted by address: to refuse would cost as much as a 308.
    /// </summary>
    public static void UseListeners(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value;
        var redirectPorts = options.HttpRedirectEndpoints.Select(endpoint => endpoint.Port).ToHashSet();
        var hosts = new HostNames(options);
        var port = options.PublicHttpsPort == 443 ? "" : $":{options.PublicHttpsPort}";
        app.MapWhen(context => context.Connection.LocalPort == options.InternalEndpoint.Port, InternalPages.Use);
        app.Use(next =>
            context =>
            {
                if (!redirectPorts.Contains(context.Connection.LocalPort))
                {
                    return next(context);
                }
                var host = context.Request.Host;
                return hosts.Redirects(host)
                    ? RedirectAsync(context, $"https://{host.Host}{port}")
                    : Problems.Of(ProblemCode.UnknownHost).ExecuteAsync(context);
            }
        );
    }

    /// <summary>Makes the <see cref="EdgeRequest"/>; finds the client behind trusted proxies, whom all that follows is counted for.</summary>
    public static void UseEdgeRequest(this WebApplication app)
    {
        var clients = new ClientAddress(app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.TrustedNetworks);
        app.Use(next =>
            context =>
            {
                var edge = new EdgeRequest { Client = clients.Of(context), RequestId = AnswerHeaders.RequestIdOf(context) };
                context.Features.Set(edge);
                // From here on the client is who sent it: the proxy in front of us is not told to API servers as one.
                context.Connection.RemoteIpAddress = edge.Client;
                return next(context);
            }
        );
    }

    /// <summary>Refuses unknown hosts and what is no well-formed request, after it was counted: refusals cost too.</summary>
    public static void UseStrictRequests(this WebApplication app)
    {
        var hosts = new HostNames(app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value);
        app.Use(next =>
            context =>
            {
                if (!hosts.Serves(context.Request.Host))
                {
                    return Problems.Of(ProblemCode.UnknownHost).ExecuteAsync(context);
                }
                if (StrictRequest.Refusal(context) is { } problem)
                {
                    return problem.ExecuteAsync(context);
                }
                StrictRequest.RemoveHearsay(context.Request.Headers);
                return next(context);
            }
        );
    }

    /// <summary>
    /// After routing: notes which declared call this is. What is none is answered at once: nothing in it is read, counted by call or searched
    /// for attacks, since it goes nowhere.
    /// </summary>
    public static void UseApiSurface(this WebApplication app) =>
        app.Use(next =>
            context =>
            {
                if (context.GetEndpoint() is not { } endpoint)
                {
                    return Problems.Of(ProblemCode.NotFound).ExecuteAsync(context);
                }
                if (endpoint.Metadata.GetMetadata<Yarp.ReverseProxy.Model.RouteModel>() is not { } route)
                {
                    // Pages of our own, and routing's answer to a method that the path does not have.
                    return endpoint.RequestDelegate!(context);
                }
                var call = ApiSurface.Named(route.Config.RouteId);
                if (!StrictPath.Is(context.Request.Path.Value, call))
                {
                    return Problems.Of(ProblemCode.NotFound).ExecuteAsync(context);
                }
                // Methods have letter case, which routing does not look at.
                if (context.Request.Method != call.Method)
                {
                    return Problems.Of(ProblemCode.MethodNotAllowed).ExecuteAsync(context);
                }
                context.GetEdge().Call = call;
                return next(context);
            }
        );

    private static Task RedirectAsync(HttpContext context, string origin)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        context.Response.Headers.Connection = "close";
        // The target goes back as it came: what it means is for the other port to say. Only its form is looked at.
        if (target is not ['/', ..] || target.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Problems.Invalid("target", "Must be a path in visible ASCII.").ExecuteAsync(context);
        }
        context.Response.Headers.Location = origin + target;
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        return Task.CompletedTask;
    }
}
