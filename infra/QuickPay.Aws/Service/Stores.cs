using QuickPay.Aws.Data;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Service;

/// <summary>What the hosts of one region talk to.</summary>
/// <param name="Database">Address of the primary, or of what may become one.</param>
/// <param name="Replicas">Addresses of its read replicas.</param>
/// <param name="Cache">Of their region.</param>
/// <param name="Secret">By what the instance fetches a secret: its part of the name, such as <c>redis</c>, to its ARN or its whole name.</param>
internal sealed record Stores(string Database, IReadOnlyList<string> Replicas, Cache Cache, Func<string, string> Secret)
{
    /// <summary>Whether the database may be a replica that becomes a primary one day.</summary>
    public bool MayBeStandby { get; private init; }

    public static Stores Of(DataStack data) =>
        new(
            data.Database.PrimaryAddress,
            data.Database.ReplicaAddresses,
            data.Cache,
            name =>
                name switch
                {
                    "redis" => data.CachePassword.SecretArn,
                    "token-key" => data.TokenKey.SecretArn,
                    "personal-data-key" => data.PersonalDataKey.SecretArn,
                    _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such secret."),
                }
        );

    /// <summary>Secrets by their names: CloudFormation refers to nothing in another region, and copies there are called the same.</summary>
    public static Stores Elsewhere(EnvironmentSettings settings, string replica, Cache cache) =>
        new(replica, [], cache, name => NameOf(settings, name)) { MayBeStandby = true };

    public static string NameOf(EnvironmentSettings settings, string secret) => $"quickpay/{settings.Name}/{secret}";
}
