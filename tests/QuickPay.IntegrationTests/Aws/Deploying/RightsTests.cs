using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// Whether the roles that deploy are allowed what a deployment does: the real templates are deployed on a played AWS, and what was called is looked
/// up in the policies that those templates make.
/// </summary>
[Collection(nameof(AwsTemplates))]
public sealed class RightsTests(AwsTemplates templates)
{
    private const string Stacks = "stack/QuickPay-ENV-*";
    private const string Artifacts = "Artifacts";

    /// <summary>The action that AWS asks for, and what it must be allowed on (a part of it). Null: everybody may.</summary>
    private static readonly Dictionary<string, (string Action, string On)?> Needed = new()
    {
        ["sts get-caller-identity"] = null,
        ["iam create-service-linked-role"] = ("iam:CreateServiceLinkedRole", "autoscaling.amazonaws.com"),
        ["iam get-role"] = ("iam:GetRole", "{Maker"),
        ["cloudwatch describe-alarms"] = ("cloudwatch:DescribeAlarms", "*"),
        ["cloudformation continue-update-rollback"] = ("cloudformation:ContinueUpdateRollback", Stacks),
        ["cloudformation create-change-set"] = ("cloudformation:CreateChangeSet", Stacks),
        ["cloudformation delete-change-set"] = ("cloudformation:DeleteChangeSet", Stacks),
        ["cloudformation delete-stack"] = ("cloudformation:DeleteStack", Stacks),
        ["cloudformation describe-change-set"] = ("cloudformation:DescribeChangeSet", Stacks),
        ["cloudformation describe-events"] = ("cloudformation:DescribeEvents", ":changeSet/quickpay-*"),
        ["cloudformation describe-stack-events"] = ("cloudformation:DescribeStackEvents", Stacks),
        ["cloudformation describe-stacks"] = ("cloudformation:DescribeStacks", Stacks),
        ["cloudformation execute-change-set"] = ("cloudformation:ExecuteChangeSet", Stacks),
        ["cloudformation get-stack-policy"] = ("cloudformation:GetStackPolicy", Stacks),
        ["cloudformation get-template"] = ("cloudformation:GetTemplate", Stacks),
        ["cloudformation rollback-stack"] = ("cloudformation:RollbackStack", Stacks),
        ["cloudformation list-stack-resources"] = ("cloudformation:ListStackResources", Stacks),
        ["cloudformation update-termination-protection"] = ("cloudformation:UpdateTerminationProtection", Stacks),
        ["rds describe-db-instances"] = ("rds:DescribeDBInstances", ":db:quickpay-ENV-elsewhere"),
        ["secretsmanager describe-secret"] = ("secretsmanager:DescribeSecret", ":secret:quickpay/ENV/*"),
        // Without the right to list, what is not there is forbidden instead of missing.
        ["s3api head-object"] = ("s3:GetObject", Artifacts),
        ["s3api put-object"] = ("s3:PutObject", Artifacts),
        ["s3api list-object-versions"] = ("s3:ListBucketVersions", "quickpay-ENV-*"),
        ["s3api delete-objects"] = ("s3:DeleteObjectVersion", "quickpay-ENV-*/*"),
    };

    /// <summary>Of an installation with members' money, whoever deploys ends none of these.</summary>
    private static readonly string[] Guarded = ["Foundation", "Data", "Audit", "Recovery", "RecoveryKeys", "Identity", "Deployers"];

    /// <summary>Of an installation with members' money, only an administrator takes the protection away.</summary>
    private static readonly string[] OfAdministrators =
    [
        "elasticache describe-snapshots",
        "elbv2 modify-load-balancer-attributes",
        "iam tag-role",
        "iam untag-role",
        "rds delete-db-instance",
        "rds describe-db-snapshots",
        "rds modify-db-instance",
    ];

    private static readonly Dictionary<string, string> Given = new()
    {
        ["Domain"] = "pay.example.com",
        ["HostedZone"] = "Z1",
        ["AlarmMail"] = "a@example.com",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task All_that_the_command_calls_the_deployer_may_do(string environment)
    {
        using var aws = new PlayedAws();
        // The first one takes an administrator, who also looks for names that are taken.
        await DeployAsync(aws, environment, "v1");
        var first = aws.Calls.Count;
        Assert.Equal(
            environment == "prod" ? ["Audit", "Data", "Foundation", "Recovery", "RecoveryKeys"] : [],
            aws.State["stacks"]!
                .AsObject()
                .Where(stack => stack.Value!["policy"] is not null)
                .Select(stack => stack.Key.Split('-')[^1])
                .Order(StringComparer.Ordinal)
        );
        await LiveAsync(aws, environment);
        var mayDestroy = environment == "dev";
        var before = aws.Calls.Count;
        await aws.Of(environment, PlannedStack.Read(templates.FolderOf(environment))).DestroyAsync(Cancellation);
        Assert.Empty(aws.State["stacks"]!.AsObject());

        var calls = aws.CallsOnStacks.Take(mayDestroy ? int.MaxValue : before).Skip(first).Distinct().ToList();
        var allowed = new Rows(templates[environment]).Allowed($"quickpay-{environment}-deployer");
        var denied = new Rows(templates[environment]).Denied($"quickpay-{environment}-deployer");

        Assert.All(
            calls,
            call =>
            {
                var words = call.Split(' ');
                if (Needed[$"{words[0]} {words[1]}"] is { } needed)
                {
                    Assert.DoesNotContain(
                        denied,
                        never => never.Action == needed.Action && never.On.Contains($":stack/{words[^1]}/", StringComparison.Ordinal)
                    );
                    var on = needed.On.Replace("ENV", environment, StringComparison.Ordinal);
                    Assert.Contains(allowed, may => may.Action == needed.Action && may.On.Contains(on, StringComparison.Ordinal));
                }
            }
        );
        Assert.Contains(allowed, may => may.Action == "iam:PassRole" && may.On.StartsWith("{Maker", StringComparison.Ordinal));
        Assert.Contains(allowed, may => may.Action == "s3:ListBucket" && may.On.Contains(Artifacts, StringComparison.Ordinal));
        Assert.Contains(allowed, may => may.Action == "kms:GenerateDataKey");
        // Nor more than that.
        Assert.Empty(
            allowed
                .Select(may => may.Action)
                .Except(Needed.Values.OfType<(string Action, string)>().Select(needed => needed.Action))
                .Except(["iam:PassRole", "s3:ListBucket", "s3:DeleteObject", "kms:GenerateDataKey", "kms:Decrypt"])
        );
        if (!mayDestroy)
        {
            Assert.Equal(
                OfAdministrators,
                aws.Calls.Skip(before).Distinct().Where(call => !Needed.ContainsKey(call)).Order(StringComparer.Ordinal)
            );
            // What the clearing away of a stack that never stood, and the protection of one that is new, has needed.
            Assert.Contains($"cloudformation delete-stack QuickPay-{environment}-Service", calls);
            Assert.Contains("cloudformation describe-events", calls);
            Assert.Contains($"cloudformation update-termination-protection QuickPay-{environment}-Service", calls);
            Assert.DoesNotContain(
                allowed,
                may =>
                    may.Action is "s3:DeleteObjectVersion"
                    || (may.Action.StartsWith("rds:", StringComparison.Ordinal) && may.Action != "rds:DescribeDBInstances")
            );
        }
    }

    [Theory]
    [InlineData("dev", false)]
    [InlineData("prod", true)]
    public void Stacks_with_members_money_or_with_rights_the_deployer_neither_deletes_nor_lays_open(string environment, bool isGuarded)
    {
        var installation = templates[environment];
        var denied = new Rows(installation).Denied($"quickpay-{environment}-deployer");

        Assert.Equal(
            isGuarded
                ? from action in new[] { "cloudformation:DeleteStack", "cloudformation:UpdateTerminationProtection" }
                from concern in Guarded
                select (action, $"arn:aws:cloudformation:*:{{AWS::AccountId}}:stack/QuickPay-{environment}-{concern}/*")
                : [],
            denied
        );
        // Whoever adds a stack with something of the kind adds it there.
        Assert.Empty(
            installation
                .All.Where(resource =>
                    isGuarded
                    && resource.Type
                        is "AWS::KMS::Key"
                            or "AWS::RDS::DBInstance"
                            or "AWS::SecretsManager::Secret"
                            or "AWS::Backup::BackupVault"
                            or "AWS::CloudTrail::Trail"
                )
                .Select(resource => resource.Stack.Split('-')[^1])
                .Except(Guarded)
        );
    }

    /// <summary>The played AWS refuses a role of CloudFormation's that makes others without a boundary.</summary>
    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task All_stacks_but_those_that_say_who_may_what_are_made_by_CloudFormations_role(string environment)
    {
        using var aws = new PlayedAws();
        var stacks = PlannedStack.Read(templates.FolderOf(environment));

        await DeployAsync(aws, environment, "v1");

        Assert.Equal(
            stacks.Select(stack => stack.Name).Where(IsByTheCaller).Order(StringComparer.Ordinal),
            stacks.Select(stack => stack.Name).Where(name => aws.Stack(name)["role"] is null).Order(StringComparer.Ordinal)
        );
        Assert.Equal($"CREATE QuickPay-{environment}-Deployers", aws.Log[1]);
        Assert.All(
            stacks.Select(stack => aws.Stack(stack.Name)["role"]).Where(role => role is not null),
            role => Assert.EndsWith($":role/quickpay-{environment}-cloudformation", (string)role!, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void What_templates_make_CloudFormations_role_may_make(string environment)
    {
        var installation = templates[environment];
        var made = installation.All.Where(resource => !IsByTheCaller(resource.Stack)).ToList();
        var allowed = new Rows(installation).Allowed($"quickpay-{environment}-cloudformation");
        var services = allowed.Where(may => may.On == "*").Select(may => may.Action).ToList();

        Assert.All(
            made.Where(resource => !resource.Type.StartsWith("AWS::IAM::", StringComparison.Ordinal)),
            resource => Assert.Contains($"{PrefixOf(resource.Type)}:*", services)
        );
        Assert.All(
            made.Where(resource => resource.Type.StartsWith("AWS::IAM::", StringComparison.Ordinal))
                .Select(resource => resource.Type)
                .Distinct(),
            type => Assert.Empty(ForIdentities[type].Except(allowed.Select(may => may.Action)))
        );
        // Roles that servers and services are given are passed on.
        Assert.Contains(
            allowed,
            may => may.Action == "iam:PassRole" && may.On.EndsWith($"role/*uick?ay-{environment}-*", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void CloudFormations_role_may_make_nothing_that_no_template_has()
    {
        var prefixes = templates.Prod.All.Concat(templates.Dev.All).Select(resource => PrefixOf(resource.Type)).ToHashSet();
        var services = new Rows(templates.Prod)
            .Allowed("quickpay-prod-cloudformation")
            .Where(may => may.Action.EndsWith(":*", StringComparison.Ordinal))
            .Select(may => may.Action[..^2]);

        // A vault's store is a service of its own.
        Assert.Empty(services.Except(prefixes).Except(["backup-storage"]));
    }

    /// <summary>What CloudFormation calls to make, change and delete them.</summary>
    private static readonly Dictionary<string, string[]> ForIdentities = new()
    {
        ["AWS::IAM::InstanceProfile"] =
        [
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:DeleteInstanceProfile",
            "iam:GetInstanceProfile",
            "iam:PassRole",
            "iam:RemoveRoleFromInstanceProfile",
        ],
        ["AWS::IAM::Policy"] = ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"],
        ["AWS::IAM::Role"] =
        [
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ],
    };

    private static bool IsByTheCaller(string stack) => stack.Split('-')[^1] is "Foundation" or "Deployers" or "Identity" or "RecoveryKeys";

    /// <summary>How policies call the service of a type.</summary>
    private static string PrefixOf(string type) =>
        type.Split("::")[1] switch
        {
            "CertificateManager" => "acm",
            // A call of a function of ours.
            "CloudFormation" => "lambda",
            "ElasticLoadBalancingV2" => "elasticloadbalancing",
            "StepFunctions" => "states",
            var service => service.ToLowerInvariant(),
        };

    private Task DeployAsync(PlayedAws aws, string environment, string version, bool continuesRollback = false)
    {
        var archive = aws.At("archive");
        File.WriteAllText(archive, version);
        return aws.Of(environment, PlannedStack.Read(templates.FolderOf(environment)))
            .DeployAsync(
                new DeployOrders(Given, ContinuesRollback: continuesRollback),
                _ => Task.FromResult(new ProgramArchives(version, new string('a', 64), archive, archive)),
                Cancellation
            );
    }

    /// <summary>All that an installation goes through between its first deployment and its end.</summary>
    private async Task LiveAsync(PlayedAws aws, string environment)
    {
        var service = $"QuickPay-{environment}-Service";
        aws.Change(state => state["stacks"]![service]!["status"] = "CREATE_FAILED");
        await DeployAsync(aws, environment, "v1");
        await File.WriteAllTextAsync(aws.At($"invalid-{service}"), "[]", Cancellation);
        await Assert.ThrowsAsync<AwsException>(() => DeployAsync(aws, environment, "v2"));
        File.Delete(aws.At($"invalid-{service}"));
        aws.Fail("fail", service);
        await Assert.ThrowsAsync<AwsException>(() => DeployAsync(aws, environment, "v2"));
        await aws.Of(environment, PlannedStack.Read(templates.FolderOf(environment)))
            .DiffAsync(new Dictionary<string, string>(), Cancellation);
        aws.Change(state => state["stacks"]![service]!["status"] = "UPDATE_ROLLBACK_FAILED");
        await Assert.ThrowsAsync<LocalException>(() => DeployAsync(aws, environment, "v2"));
        await DeployAsync(aws, environment, "v2", continuesRollback: true);
    }
}
