using System.Text.RegularExpressions;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>
/// What the instances of a launch template are told, read from the script that they start with: values as they are there, references in braces.
/// </summary>
/// <param name="Host">The program.</param>
/// <param name="Variables">Name to value.</param>
/// <param name="Secrets">Name of a file to the name of the secret whose text is in it.</param>
/// <param name="Logins">Server, port, database and role, of which the instance makes passwords.</param>
internal sealed partial record TemplateEnvironment(
    string Host,
    IReadOnlyDictionary<string, string> Variables,
    IReadOnlyDictionary<string, string> Secrets,
    IReadOnlyList<string> Logins
)
{
    public static TemplateEnvironment Of(Installation installation, string template, bool elsewhere = false)
    {
        var resource = new Rows(installation, elsewhere).One("AWS::EC2::LaunchTemplate", template);
        var script = installation.Text(resource, resource["LaunchTemplateData", "UserData"]);
        // A secret is named by its ARN, which a Ref to it is; its copy in the second region by its name.
        var names = installation
            .OfType("AWS::SecretsManager::Secret")
            .ToDictionary(secret => $"{{{secret.Id}}}", secret => installation.Text(secret, secret["Name"]));
        return new TemplateEnvironment(
            Program().Match(script).Groups[1].Value,
            File(script, "environment"),
            File(script, "secrets").ToDictionary(line => line.Key, line => NameOf(line.Value.Split(' ')[0])),
            [.. LinesOf(script, "database-logins")]
        );

        string NameOf(string secret) => secret.StartsWith('{') ? names[secret] : Assert.Single(names.Values, name => name == secret);
    }

    private static string[] LinesOf(string script, string name) =>
        Files()
            .Matches(script)
            .Single(file => file.Groups[1].Value == name)
            .Groups[2]
            .Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> File(string script, string name) =>
        LinesOf(script, name).Select(line => line.Split('=', 2)).ToDictionary(line => line[0], line => line[1]);

    [GeneratedRegex(@"^cat > /etc/quickpay/([a-z-]+) <<'END'\n(.*?)\n?END$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Files();

    [GeneratedRegex(@"^/opt/quickpay/boot\.sh (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Program();
}
