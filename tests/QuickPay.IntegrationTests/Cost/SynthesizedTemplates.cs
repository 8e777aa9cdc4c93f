using QuickPay.Cli.Aws;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>The templates of every installation, made once.</summary>
public sealed class SynthesizedTemplates : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-cost-tests-").FullName;
    private readonly Dictionary<string, Templates> _templates = [];

    internal Templates this[string environment] => _templates[environment];

    public string FolderOf(string environment) => Path.Combine(_folder, environment);

    public async ValueTask InitializeAsync()
    {
        foreach (var environment in Synthesis.Environments)
            _templates[environment] = await Synthesis.RunAsync(environment, FolderOf(environment), CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
