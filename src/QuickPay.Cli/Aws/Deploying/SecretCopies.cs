using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// Copies of secrets in other regions. Secrets Manager makes them after their stack stands, and when it cannot, nothing fails: without a look, nobody
/// would know before the day on which they are needed.
/// </summary>
internal sealed class SecretCopies(AwsTool aws, TimeProvider time, Action<string> say)
{
    private const string Made = "InSync";
    private const string Missing = "missing";

    /// <summary>Five minutes; it takes seconds.</summary>
    private const int Looks = 60;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Waits until all copies that the stack's template asks for are there.</summary>
    /// <exception cref="LocalException">One is not.</exception>
    public async Task EnsureAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        var wanted = TemplateResource
            .In(stack)
            .Where(resource => resource.Type == StandingResource.Secret)
            .ToDictionary(secret => secret.Id, RegionsOf)
            .Where(secret => secret.Value.Count > 0)
            .ToDictionary();
        if (wanted.Count == 0)
        {
            return;
        }
        var secrets = await StackContents.ReadAsync(aws, stack, cancellationToken);
        foreach (var secret in secrets.Where(secret => wanted.ContainsKey(secret.Id)))
        {
            await EnsureAsync(stack, secret.Name, wanted[secret.Id], cancellationToken);
        }
    }

    /// <summary>Where copies of a secret are to be.</summary>
    public static IReadOnlyList<string> RegionsOf(TemplateResource secret) =>
        secret.Properties.ValueKind == JsonValueKind.Object && secret.Properties.TryGetProperty("ReplicaRegions", out var replicas)
            ? [.. replicas.EnumerateArray().Select(replica => replica.GetProperty("Region").GetString()!)]
            : [];

    private async Task EnsureAsync(PlannedStack stack, string secret, IReadOnlyList<string> regions, CancellationToken cancellationToken)
    {
        for (var left = Looks; ; left--)
        {
            var said = await aws.AskAsync(stack.Region, cancellationToken, "secretsmanager", "describe-secret", "--secret-id", secret);
            var copies = regions.Select(region => CopyOf(said, region)).Where(copy => copy.Status != Made).ToList();
            if (copies.Count == 0)
            {
                return;
            }
            if (left == 0 || copies.Any(copy => copy.Status is "Failed" or Missing))
            {
                throw Told(stack, said.GetProperty("Name").GetString()!, copies);
            }
            if (left == Looks)
            {
                say($"{stack.Name}: secrets are being copied to {string.Join(", ", copies.Select(copy => copy.Region))}");
            }
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private static (string Region, string Status, string Message) CopyOf(JsonElement secret, string region)
    {
        var copy = secret.TryGetProperty("ReplicationStatus", out var copies)
            ? copies.EnumerateArray().FirstOrDefault(one => one.GetProperty("Region").GetString() == region)
            : default;
        return copy.ValueKind == JsonValueKind.Object
            ? (
                region,
                copy.GetProperty("Status").GetString()!,
                copy.TryGetProperty("StatusMessage", out var message) ? message.GetString() ?? "" : ""
            )
            : (region, Missing, "");
    }

    private static LocalException Told(
        PlannedStack stack,
        string secret,
        IReadOnlyList<(string Region, string Status, string Message)> copies
    )
    {
        var where = string.Join("; ", copies.Select(copy => $"{copy.Region}: {copy.Status}. {copy.Message}".Trim()));
        var regions = string.Join(' ', copies.Select(copy => copy.Region));
        return new LocalException(
            $"The secret {secret} has no copy where one has to be. {where}\nThe stacks up to {stack.Name} stand; nothing after them was touched. Mostly "
                + "a secret of that name is there already, or the key there cannot be used. Put that right, have it copied anew, then deploy again:\n"
                + $"  aws secretsmanager remove-regions-from-replication --region {stack.Region} --secret-id {secret} --remove-replica-regions {regions}\n"
                + $"  aws secretsmanager replicate-secret-to-regions --region {stack.Region} --secret-id {secret} --add-replica-regions "
                + string.Join(' ', copies.Select(copy => $"Region={copy.Region},KmsKeyId=KEY"))
        );
    }
}
