using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using QuickPay.Aws.Data;

namespace QuickPay.Aws.Identity;

/// <summary>What roles are allowed, word by word: each names its resources, but for actions that know none.</summary>
internal static class Statements
{
    /// <param name="secrets">Their ARNs.</param>
    public static PolicyStatement ReadSecrets(IEnumerable<string> secrets) =>
        Allow("Secrets", ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], [.. secrets]);

    /// <summary>
    /// What a token asks for that takes a password's place at a database: the role. The server is not named: rights know it by an id that it loses when it
    /// is restored from a backup or made anew after a change of region, and all that logs in would be refused just then. Which servers somebody gets
    /// to is for the network to say.
    /// </summary>
    public static PolicyStatement LogIn(Stack stack, IEnumerable<DatabaseLogin> logins) =>
        Allow(
            "LogIn",
            ["rds-db:connect"],
            [
                .. logins
                    .Select(login => login.Role)
                    .Distinct()
                    .Select(role => $"arn:aws:rds-db:{stack.Region}:{stack.Account}:dbuser:*/{role}"),
            ]
        );

    public static PolicyStatement Decrypt(params IKey[] keys) => Allow("Decrypt", ["kms:Decrypt"], [.. keys.Select(key => key.KeyArn)]);

    /// <summary>Data keys for members' personal data are sealed and opened; the key itself never leaves.</summary>
    public static PolicyStatement Seal(IKey key) =>
        Allow("Seal", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [key.KeyArn]);

    public static PolicyStatement TakePrograms(IBucket artifacts) =>
        Allow("Programs", ["s3:GetObject", "s3:GetObjectVersion"], [artifacts.ArnForObjects("programs/*")]);

    public static PolicyStatement WriteLogs(string arn) =>
        Allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], [arn]);

    /// <summary>Neither metrics nor traces have a resource that could be named; metrics are held to our namespace.</summary>
    public static PolicyStatement[] WriteMetricsAndTraces(string metricsNamespace) =>
        [
            new(
                new PolicyStatementProps
                {
                    Sid = "Metrics",
                    Actions = ["cloudwatch:PutMetricData"],
                    Resources = ["*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["StringEquals"] = new Dictionary<string, object> { ["cloudwatch:namespace"] = metricsNamespace },
                    },
                }
            ),
            // By which the agent knows its server's group; a list knows no resource.
            Allow("Group", ["ec2:DescribeTags"], ["*"]),
            Allow(
                "Traces",
                ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
                ["*"]
            ),
        ];

    /// <summary>A condition.</summary>
    public static Dictionary<string, object> Equal(string key, string value) =>
        new() { ["StringEquals"] = new Dictionary<string, object> { [key] = value } };

    /// <summary>A service of AWS, when it works for this account: nobody else's rule or run may have it take on a role of ours.</summary>
    public static PrincipalWithConditions OwnService(Stack stack, string service) =>
        new(new ServicePrincipal(service), Equal("aws:SourceAccount", stack.Account));

    public static PolicyStatement Allow(string sid, string[] actions, string[] resources) =>
        new(
            new PolicyStatementProps
            {
                Sid = sid,
                Actions = actions,
                Resources = resources,
            }
        );
}
