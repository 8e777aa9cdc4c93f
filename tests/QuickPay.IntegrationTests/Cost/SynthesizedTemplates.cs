using QuickPay.Cli.Aws;
using QuickPay.IntegrationTests.Aws;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>The templates of every installation.</summary>
public sealed class SynthesizedTemplates(MadeTemplates made) : IAsyncLifetime
{
    private readonly Dictionary<string, Templates> _templates = [];

    internal Templates this[string environment] => _templates[environment];

    public string FolderOf(string environment) => made.FolderOf(environment);

    public async ValueTask InitializeAsync()
    {
        foreach (var environment in Synthesis.Environments)
            _templates[environment] = await made.OfAsync(environment);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
