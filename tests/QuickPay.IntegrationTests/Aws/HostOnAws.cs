using System.Net;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>
/// A host with the variables that a template gives it, and no settings file: where the template refers to a database, a cache or a secret, there
/// are those of this machine.
/// </summary>
internal sealed class HostOnAws : IAsyncDisposable
{
    /// <summary>A user that ElastiCache has and that is off here.</summary>
    private const string CacheUser = "default";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);

    private readonly ChildProcess _process;
    private readonly ServerStart _start;
    private readonly HttpClient _http = new();

    private HostOnAws(ChildProcess process, ServerStart start, string url) => (_process, _start, Url) = (process, start, new Uri(url));

    public Uri Url { get; }

    /// <summary>All that it has said.</summary>
    public string Log => File.ReadAllText(_start.LogFile);

    public const string PasswordFile = "Postgres__PasswordFile";
    private const string Files = "/run/quickpay/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The variables with all that CloudFormation and the instance fill in; where it listens is a free port, not one for everybody.</summary>
    /// <param name="template">What it is told.</param>
    /// <param name="servers">Cache, secrets and keys, and the database where no other is named.</param>
    /// <param name="database">A database that was copied from the servers'.</param>
    public static Dictionary<string, string> Fill(TemplateEnvironment template, LocalServers servers, PostgresServer? database = null)
    {
        database ??= servers.Postgres;
        var variables = template.Variables.ToDictionary(
            variable => variable.Key,
            variable => FillIn(variable.Key, variable.Value, template, servers, database)
        );
        return variables;
    }

    /// <summary>What the instance puts there.</summary>
    private static string FileOf(string name, TemplateEnvironment template, LocalServers servers, PostgresServer database)
    {
        if (name == "passwords")
        {
            return Write(template.Logins.Select(login => LineOf(login, database)));
        }
        return template.Secrets[name].Split('/')[^1] switch
        {
            "redis" => Write([servers.Redis.Connection(RedisUsers.Admin).Password]),
            "token-key" => servers.TokenSigningKeyFile,
            "personal-data-key" => servers.PersonalDataKeyFile,
            var secret => throw new InvalidOperationException($"Nobody here has the secret {secret}."),
        };

        string Write(IEnumerable<string> lines)
        {
            var file = Path.Combine(servers.Data.Logs, $"{name}-{Path.GetRandomFileName()}");
            File.WriteAllLines(file, lines);
            return file;
        }
    }

    /// <summary>A line of the file of passwords, where a role's own stands for a token.</summary>
    /// <param name="login"><c>{server}:5432:quickpay:role</c>.</param>
    private static string LineOf(string login, PostgresServer database)
    {
        var parts = login.Split(':');
        Assert.Equal(("5432", "quickpay"), (parts[1], parts[2]));
        return $"{database.Address}:{parts[2]}:{parts[3]}:{database.Connection(parts[3]).Password}";
    }

    /// <summary>Lets the user in that ElastiCache has, by the password of the template's secret.</summary>
    public static async Task LetInAsync(LocalServers servers)
    {
        var admin = servers.Redis.Connection(RedisUsers.Admin);
        Assert.Equal("+OK", await RedisProbe.TryAskAsync(admin, $"ACL SETUSER {CacheUser} on >{admin.Password}", Cancellation));
    }

    public static async Task<HostOnAws> StartAsync(string host, Dictionary<string, string> variables, LocalServers servers)
    {
        var url = variables.GetValueOrDefault("Urls") ?? variables["InternalUrl"];
        var assembly = Programs.Find(host);
        var log = LogFile.Begin(servers.Data.Logs, $"aws-{new Uri(url).Port}");
        var process = await ChildProcess.StartAsync(
            new ChildStart(Programs.DotNet, [assembly])
            {
                LogFile = log,
                WorkingFolder = Path.GetDirectoryName(assembly)!,
                Environment = variables,
            }
        );
        return new HostOnAws(process, new ServerStart(host, process, log, TimeProvider.System), url);
    }

    /// <summary>Until it is ready.</summary>
    /// <exception cref="StartFailedException">It ended instead.</exception>
    public Task ReadyAsync() => _start.WhenAsync(token => SaysAsync("/health/ready", HttpStatusCode.OK, token), Cancellation);

    /// <summary>Until it lives and is not ready.</summary>
    /// <exception cref="StartFailedException">It ended instead.</exception>
    public Task NotReadyAsync() =>
        _start.WhenAsync(
            async token =>
                await SaysAsync("/health/live", HttpStatusCode.OK, token)
                && await SaysAsync("/health/ready", HttpStatusCode.ServiceUnavailable, token),
            Cancellation
        );

    private async Task<bool> SaysAsync(string path, HttpStatusCode status, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Url, path), cancellationToken);
            return answer.StatusCode == status;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.StopAsync(Signal.Terminate, StopPatience, TimeProvider.System);
    }

    private static string FillIn(string name, string value, TemplateEnvironment template, LocalServers servers, PostgresServer database)
    {
        if (name is "Urls" or "InternalUrl")
        {
            return $"http://127.0.0.1:{Ports.FreeFrom(null)}";
        }
        if (value.StartsWith(Files, StringComparison.Ordinal))
        {
            return string.Join(',', value.Split(',').Select(file => FileOf(file[Files.Length..], template, servers, database)));
        }
        return value switch
        {
            _ when name.EndsWith("__RootCertificate", StringComparison.Ordinal) => servers.Data.RootCertificate,
            _ when value.EndsWith(".Endpoint.Address}:5432", StringComparison.Ordinal) => database.Address,
            _ when value.EndsWith(".PrimaryEndPoint.Address}:6379", StringComparison.Ordinal) => servers.Redis.Address,
            _ => value.Replace("{Domain}", "pay.example.com", StringComparison.Ordinal),
        };
    }
}
