using QuickPay.Cli.Aws;

[assembly: AssemblyFixture(typeof(QuickPay.IntegrationTests.Aws.MadeTemplates))]

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The templates of every installation: made once in a run, when the first test asks for them. Nobody changes these files.</summary>
public sealed class MadeTemplates : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quickpay-aws-tests-");
    private readonly Dictionary<string, Lazy<Task<Templates>>> _made;

    public MadeTemplates() =>
        _made = Synthesis.Environments.ToDictionary(
            environment => environment,
            environment => new Lazy<Task<Templates>>(() => Synthesis.RunAsync(environment, FolderOf(environment), CancellationToken.None))
        );

    /// <summary>As a deployment reads it.</summary>
    public string FolderOf(string environment) => Path.Combine(_folder.FullName, environment);

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _made.Values.Where(made => made.IsValueCreated))
        {
            await ((Task)made.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _folder.Delete(recursive: true);
    }

    internal Task<Templates> OfAsync(string environment) => _made[environment].Value;
}
