using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.Logs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;
using CfnFunction = Amazon.CDK.AWS.Lambda.CfnFunction;
using CfnRule = Amazon.CDK.AWS.Events.CfnRule;
using CfnRuleProps = Amazon.CDK.AWS.Events.CfnRuleProps;

namespace QuickPay.Aws.Functions;

/// <summary>What a function is told.</summary>
/// <param name="Name">Which of the program's handlers: <c>setup</c>, <c>statistics</c> or <c>token-key</c>.</param>
/// <param name="Minutes">It is ended after that.</param>
/// <param name="Variables">Its environment.</param>
/// <param name="Logins">At databases.</param>
/// <param name="Reads">Secrets that it may read.</param>
internal sealed record FunctionKind(
    string Name,
    int Minutes,
    IReadOnlyDictionary<string, string> Variables,
    IReadOnlyList<DatabaseLogin> Logins,
    IReadOnlyList<string> Reads
);

/// <summary>A function in C#: one executable for all, which brings its runtime along, so no function waits for Amazon's next one.</summary>
internal sealed class Function
{
    private const int MemoryMiB = 512;

    /// <summary>Where a function's files are.</summary>
    public const string DatabaseAuthority = "/var/task/database-ca.pem";

    private readonly string _name;

    public Function(
        Stack stack,
        EnvironmentSettings settings,
        FunctionKind kind,
        FoundationStack foundation,
        NetworkStack network,
        ProgramVersion program
    )
    {
        _name = kind.Name;
        var name = NameOf(settings, kind.Name);
        var log = settings.AddLog(stack, "Log", $"/quickpay/{settings.Name}/{kind.Name}", foundation.Logs);
        Role = AddRole(stack, foundation, kind, log);
        Made = new CfnFunction(
            stack,
            "Function",
            new CfnFunctionProps
            {
                FunctionName = name,
                Runtime = Runtime.PROVIDED_AL2023.Name,
                Architectures = ["x86_64"],
                Handler = kind.Name,
                Code = new CfnFunction.CodeProperty
                {
                    S3Bucket = foundation.Artifacts.BucketName,
                    S3Key = $"programs/{program.Version.ValueAsString}.functions.zip",
                },
                Role = Role.RoleArn,
                MemorySize = MemoryMiB,
                Timeout = kind.Minutes * 60,
                KmsKeyArn = foundation.Data.KeyArn,
                Environment = new CfnFunction.EnvironmentProperty { Variables = new Dictionary<string, string>(kind.Variables) },
                TracingConfig = new CfnFunction.TracingConfigProperty { Mode = "Active" },
                LoggingConfig = new CfnFunction.LoggingConfigProperty { LogGroup = log.LogGroupName, LogFormat = "JSON" },
                VpcConfig = new CfnFunction.VpcConfigProperty
                {
                    SubnetIds = network.Vpc.SelectSubnets(NetworkStack.PrivateSubnets).SubnetIds,
                    SecurityGroupIds = [network.Groups.Functions.SecurityGroupId],
                },
            }
        );
        // It may not begin before it may do what it does.
        Made.Node.AddDependency(Role);
    }

    /// <summary>Those that a schedule starts.</summary>
    public static readonly string[] Daily = [Statistics, TokenKey];

    public const string Statistics = "statistics";
    public const string TokenKey = "token-key";

    public static string NameOf(EnvironmentSettings settings, string function) => $"quickpay-{settings.Name}-{function}";

    public CfnFunction Made { get; }

    public Role Role { get; }

    /// <summary>How a function reaches a database; it signs its tokens itself.</summary>
    public static Dictionary<string, string> Reaching(DatabaseLogin login) =>
        new()
        {
            ["Postgres__Hosts"] = $"{login.Server}:{SecurityGroups.DatabasePort}",
            ["Postgres__Database"] = Database.Name,
            ["Postgres__Username"] = login.Role,
            ["Postgres__RootCertificate"] = DatabaseAuthority,
        };

    /// <summary>Starts it once a day.</summary>
    /// <param name="why">When that is, for people.</param>
    /// <param name="at">Minute and hour, in Greenwich's time.</param>
    public void StartDaily(Stack stack, string why, string at)
    {
        var daily = new CfnRule(
            stack,
            "Daily",
            new CfnRuleProps
            {
                Description = why,
                ScheduleExpression = $"cron({at} * * ? *)",
                Targets = new[]
                {
                    new CfnRule.TargetProperty { Id = _name, Arn = Made.AttrArn },
                },
            }
        );
        _ = new CfnPermission(
            stack,
            "MayStart",
            new CfnPermissionProps
            {
                FunctionName = Made.Ref,
                Action = "lambda:InvokeFunction",
                Principal = "events.amazonaws.com",
                SourceArn = daily.AttrArn,
            }
        );
    }

    private static Role AddRole(Stack stack, FoundationStack foundation, FunctionKind kind, LogGroup log)
    {
        var role = new Role(
            stack,
            "Role",
            new RoleProps { AssumedBy = new ServicePrincipal("lambda.amazonaws.com"), Description = $"The function {kind.Name}" }
        );
        role.AddToPolicy(Statements.WriteLogs(log.LogGroupArn));
        if (kind.Logins.Count > 0)
        {
            role.AddToPolicy(Statements.LogIn(stack, kind.Logins));
        }
        if (kind.Reads.Count > 0)
        {
            role.AddToPolicy(Statements.ReadSecrets(kind.Reads));
        }
        // Its own variables lie under it, too.
        role.AddToPolicy(Statements.Decrypt(foundation.Data));
        role.AddToPolicy(Statements.Allow("Traces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]));
        // A function in a network of ours makes its own way in; these know no resource.
        role.AddToPolicy(
            Statements.Allow(
                "Network",
                ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"],
                ["*"]
            )
        );
        return role;
    }
}
