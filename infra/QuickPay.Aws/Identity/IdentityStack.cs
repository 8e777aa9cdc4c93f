using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SecretsManager;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>Who may do what: the service's own roles, and those that people take on, with a second factor.</summary>
internal sealed class IdentityStack : Stack
{
    /// <summary>Where the service's metrics are.</summary>
    public const string MetricsNamespace = "QuickPay";

    private readonly EnvironmentSettings _settings;
    private readonly FoundationStack _foundation;
    private readonly DataStack _data;

    public IdentityStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        FoundationStack foundation,
        DataStack data,
        IStackProps props
    )
        : base(scope, id, props)
    {
        (_settings, _foundation, _data) = (settings, foundation, data);
        var (primary, replicas) = (data.Database.PrimaryAddress, data.Database.ReplicaAddresses);
        Api = AddInstanceRole("Api", DatabaseLogin.OfApi(primary, replicas), data.TokenKey, data.PersonalDataKey);
        Api.AddToPolicy(Statements.Seal(foundation.Personal));
        Worker = AddInstanceRole("Worker", DatabaseLogin.OfWorker(primary));
        AddDeveloper();
        if (settings.Recovery is { } recovery)
        {
            Approver.Add(this, settings, recovery.Region);
        }
    }

    /// <summary>Of API servers.</summary>
    public Role Api { get; }

    /// <summary>Of workers.</summary>
    public Role Worker { get; }

    private Role AddInstanceRole(string kind, IReadOnlyList<DatabaseLogin> logins, params ISecret[] secrets) =>
        InstanceRole.Add(
            this,
            _settings,
            new InstanceRights(
                kind,
                $"quickpay-{_settings.Name}-{kind.ToLowerInvariant()}",
                $"QuickPay-{_settings.Name}-Service",
                [.. secrets.Append(_data.CachePassword).Select(secret => secret.SecretArn)],
                logins,
                _foundation.Data,
                _foundation.Artifacts
            )
        );

    /// <summary>Sees how everything is set up, and the logs; no member's data, no secret, nothing of the audit.</summary>
    private void AddDeveloper()
    {
        var developer = new Role(
            this,
            "Developer",
            new RoleProps
            {
                RoleName = $"quickpay-{_settings.Name}-developer",
                AssumedBy = Deployers.PeopleOf(Account),
                Description = "Looks, and reads logs",
                MaxSessionDuration = Duration.Hours(4),
                ManagedPolicies =
                [
                    ManagedPolicy.FromAwsManagedPolicyName("job-function/ViewOnlyAccess"),
                    ManagedPolicy.FromAwsManagedPolicyName("CloudWatchReadOnlyAccess"),
                    ManagedPolicy.FromAwsManagedPolicyName("AWSXrayReadOnlyAccess"),
                ],
            }
        );
        developer.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "NoData",
                    Effect = Effect.DENY,
                    Actions =
                    [
                        "kms:Decrypt",
                        "secretsmanager:GetSecretValue",
                        "s3:GetObject*",
                        "rds-db:connect",
                        "rds:DownloadCompleteDBLogFile",
                        "rds:DownloadDBLogFilePortion",
                        "ssm:StartSession",
                        "ssm:GetParameter*",
                    ],
                    Resources = ["*"],
                }
            )
        );
        // All logs but these: they name members' accounts, and who looks at them is noted.
        developer.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "NoAudit",
                    Effect = Effect.DENY,
                    Actions =
                    [
                        "logs:FilterLogEvents",
                        "logs:GetLogEvents",
                        "logs:GetLogObject",
                        "logs:GetLogRecord",
                        "logs:StartLiveTail",
                        "logs:StartQuery",
                        "logs:Unmask",
                    ],
                    Resources = Reserved.LogsOf(this, _settings),
                }
            )
        );
    }
}
