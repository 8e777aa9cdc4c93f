using Amazon.CDK;
using Amazon.CDK.AWS.SecretsManager;
using Constructs;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Data;

/// <summary>What is kept: PostgreSQL, Redis, and what opens them.</summary>
internal sealed class DataStack : Stack
{
    public DataStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        NetworkStack network,
        FoundationStack foundation,
        IStackProps props
    )
        : base(scope, id, props)
    {
        Database = new Database(this, settings, network, foundation);
        CachePassword = RoleSecrets.Add(this, "CachePassword", $"quickpay/{settings.Name}/redis", "Redis", foundation.Data);
        Cache = new Cache(this, settings, network, foundation.Data, CachePassword.SecretValue);
        TokenKey = RoleSecrets.AddEmpty(
            this,
            "TokenKey",
            $"quickpay/{settings.Name}/token-key",
            "The key that signs access tokens",
            foundation.Data
        );
        PersonalDataKey = RoleSecrets.AddEmpty(
            this,
            "PersonalDataKey",
            $"quickpay/{settings.Name}/personal-data-key",
            "The key under which members' personal data lies",
            foundation.Personal
        );
        // What the database has kept is worth nothing without the key of members' personal data.
        foreach (var secret in new[] { Database.Owner, CachePassword, TokenKey, PersonalDataKey })
        {
            secret.ApplyRemovalPolicy(settings.Removal());
            if (settings.Recovery is { } recovery)
            {
                // What is opened by them there opens also when this region is lost. The key there is of the same name; CDK would name this region's.
                ((CfnSecret)secret.Node.DefaultChild!).ReplicaRegions = new[]
                {
                    new CfnSecret.ReplicaRegionProperty
                    {
                        Region = recovery.Region,
                        KmsKeyId = ServiceKey.AliasOf(settings, secret == PersonalDataKey ? "personal" : "data"),
                    },
                };
            }
        }
    }

    public Database Database { get; }

    public Cache Cache { get; }

    /// <summary>What clients of the cache prove themselves by.</summary>
    public Secret CachePassword { get; }

    /// <summary>PEM of an EC P-256 key; the function that sets up the database fills it once.</summary>
    public Secret TokenKey { get; }

    /// <summary>64 bytes in base64, filled likewise, under a key of its own.</summary>
    public Secret PersonalDataKey { get; }
}
