using System.Text.Json;
using System.Text.RegularExpressions;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>
/// Templates lie about in buckets and histories: none has a secret. A store may be handed one by a reference that CloudFormation resolves
/// (<c>{{resolve:secretsmanager:…}}</c>); a server or function may not, since everybody who sees its configuration would read what was resolved.
/// </summary>
internal static partial class PlainSecrets
{
    public static readonly Property Property = new("no template has a secret", Look);

    private const string Resolved = "{{resolve:secretsmanager:";

    /// <summary>What is shown to whoever may describe it.</summary>
    private static readonly string[] Shown = ["AWS::EC2::LaunchTemplate", "AWS::Lambda::Function", "AWS::SSM::Parameter"];

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.All.SelectMany(resource => Checks.Look.At(resource, Faults(installation, resource)));

    private static IEnumerable<string> Faults(Installation installation, Resource resource)
    {
        foreach (var (path, name, value) in resource.Properties.Inside())
        {
            if (SecretName().IsMatch(name) && IsText(value) && !IsReferred(installation.Text(resource, value)))
            {
                yield return $"{path} is in the template: let Secrets Manager make it, and refer to it";
            }
            if (value.ValueKind != JsonValueKind.String)
            {
                continue;
            }
            var text = value.GetString()!;
            if (SecretText().IsMatch(text))
            {
                yield return $"{path} looks like a key: let Secrets Manager keep it";
            }
            if (Shown.Contains(resource.Type) && text.Contains(Resolved, StringComparison.Ordinal))
            {
                yield return $"{path} would show a secret to whoever may describe it: hand over the secret's ARN, and fetch it at the start";
            }
        }
        var started = installation.Text(resource, resource["LaunchTemplateData", "UserData"]);
        foreach (Match line in SecretLine().Matches(started))
        {
            if (!IsReferred(line.Groups[2].Value) && !IsNameOfOne(installation, line.Groups[2].Value))
            {
                yield return $"its UserData has {line.Groups[1].Value} in plain text: name the secret that has it";
            }
        }
    }

    /// <summary>Text, or what text is made of; not a switch, a length or a group of further properties.</summary>
    private static bool IsText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String || value.At("Fn::Join").IsThere() || value.At("Fn::Sub").IsThere();

    /// <summary>Whether it is in braces: a reference, resolved by CloudFormation or by Secrets Manager.</summary>
    private static bool IsReferred(string text) => text.Length == 0 || text.StartsWith('{');

    /// <summary>By its name, as a server of a second region calls the copy there.</summary>
    private static bool IsNameOfOne(Installation installation, string text) =>
        installation.OfType("AWS::SecretsManager::Secret").Any(secret => installation.Text(secret, secret["Name"]) == text);

    [GeneratedRegex("(Password|Passphrase|AuthToken|SecretString|SecretKey|PrivateKey|ApiKey|SigningKey)$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    // A PEM key, or the id of somebody's access key.
    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----|\\bA(KIA|SIA)[0-9A-Z]{16}\\b")]
    private static partial Regex SecretText();

    [GeneratedRegex(@"^(?:export )?(\w*(?:password|secret|token|apikey))=['""]?(.*)$", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex SecretLine();
}
