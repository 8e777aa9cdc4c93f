using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>An installation of a few resources, on a played AWS: enough for everything that a deployment treats differently.</summary>
internal sealed class SmallInstallation : IDisposable
{
    public static readonly string[] Names = ["Foundation", "Deployers", "Network", "Data", "Edge", "Identity", "Service", "Observe"];

    private const string Role = "AWS::IAM::Role";
    private const string Topic = "AWS::SNS::Topic";
    private const string Subnets = "QuickPay-dev-Network:Subnet";
    private static readonly ConcurrentDictionary<bool, Lazy<Task<string>>> Standing = [];
    private readonly bool _isProtected;

    public SmallInstallation(bool isProtected = false)
    {
        _isProtected = isProtected;
        foreach (var name in Names)
        {
            Write(name);
        }
    }

    public PlayedAws Aws { get; } = new();

    public static Dictionary<string, string> Given => new() { ["Domain"] = "pay.example.com", ["AlarmMail"] = "a@example.com" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string NameOf(string concern) => $"QuickPay-dev-{concern}";

    public void Dispose() => Aws.Dispose();

    public Task DeployAsync(
        Dictionary<string, string>? given = null,
        string version = "v1",
        bool despiteAlarms = false,
        bool continuesRollback = false
    ) =>
        Installed()
            .DeployAsync(
                new DeployOrders(given ?? Given, despiteAlarms, continuesRollback),
                _ => Task.FromResult(Programs(version)),
                Cancellation
            );

    /// <summary>Deployed before: once for all tests that begin there, since each call of AWS is a process.</summary>
    public async Task StandAsync() =>
        await File.WriteAllTextAsync(
            Aws.At("state.json"),
            await Standing.GetOrAdd(_isProtected, isProtected => new Lazy<Task<string>>(() => DeployedAsync(isProtected))).Value,
            Cancellation
        );

    public Task DeployAsync(Func<IReadOnlyList<string>, Task<ProgramArchives>> build) =>
        Installed().DeployAsync(new DeployOrders(Given), build, Cancellation);

    public Task<IReadOnlyList<StackDiff>> DiffAsync() => Installed().DiffAsync(new Dictionary<string, string>(), Cancellation);

    public Task<IReadOnlyList<string>> DestroyAsync() => Installed().DestroyAsync(Cancellation);

    /// <summary>Somebody else, or something that failed, has left a stack in a state.</summary>
    public void Put(string concern, string status) => Aws.Change(state => state["stacks"]![NameOf(concern)]!["status"] = status);

    public string StatusOf(string concern) => (string)Aws.Stack(NameOf(concern))["status"]!;

    /// <summary>Writes a template.</summary>
    /// <param name="name">Of which stack.</param>
    /// <param name="extra">A resource more.</param>
    /// <param name="exports">What it tells others besides.</param>
    /// <param name="imports">What it takes from another.</param>
    public void Write(string name, string? extra = null, string? exports = null, string? imports = null)
    {
        var resources = ResourcesOf(name);
        if (imports is not null)
        {
            resources["First"]!["Properties"]!["DisplayName"] = new JsonObject { ["Fn::ImportValue"] = imports };
        }
        if (extra is not null)
        {
            resources[extra] = Of(Topic);
        }
        var parameters = name switch
        {
            "Service" when extra is not null =>
                """{"Domain": {}, "ProgramVersion": {}, "ProgramSha256": {}, "Approval": {"Default": "yes"}}""",
            "Service" => """{"Domain": {}, "ProgramVersion": {}, "ProgramSha256": {}}""",
            "Observe" => """{"AlarmMail": {}, "PagerUrl": {"Default": ""}}""",
            _ => "{}",
        };
        // It is too long to be sent.
        var filler = name == "Edge" ? new string(' ', 60_000) : "";
        var outputs = new JsonObject(
            new[] { name == "Network" ? Subnets : null, exports }
                .OfType<string>()
                .Select((export, number) => KeyValuePair.Create($"Output{number}", (JsonNode?)OutputOf(export)))
        );
        File.WriteAllText(
            TemplateOf(name),
            $$"""{"Resources": {{resources.ToJsonString()}}, "Outputs": {{outputs.ToJsonString()}}, "Parameters": {{parameters}} }{{filler}}"""
        );
    }

    public ProgramArchives Programs(string version)
    {
        var archive = Aws.At("archive");
        File.WriteAllText(archive, version);
        return new ProgramArchives(version, new string('a', 64), archive, archive);
    }

    private static async Task<string> DeployedAsync(bool isProtected)
    {
        using var installation = new SmallInstallation(isProtected);
        await installation.DeployAsync();
        return await File.ReadAllTextAsync(installation.Aws.At("state.json"), Cancellation);
    }

    private JsonObject ResourcesOf(string name)
    {
        var kept = _isProtected ? "RetainExceptOnCreate" : "Delete";
        return name switch
        {
            "Foundation" => new()
            {
                ["First"] = Of("AWS::S3::Bucket", kept),
                ["Key"] = Of("AWS::KMS::Alias", null, ("AliasName", "alias/quickpay-dev-data")),
                ["Vault"] = Of("AWS::Backup::BackupVault", kept, ("BackupVaultName", "quickpay-dev")),
            },
            "Network" => new()
            {
                ["First"] = Of(Topic),
                ["Subnet"] = Of("AWS::EC2::Subnet"),
                ["Flows"] = Of(
                    StandingResource.Bucket,
                    kept,
                    (
                        "BucketName",
                        new JsonObject
                        {
                            ["Fn::Join"] = new JsonArray(
                                "",
                                new JsonArray("quickpay-dev-flows-", new JsonObject { ["Ref"] = "AWS::AccountId" })
                            ),
                        }
                    )
                ),
            },
            "Deployers" => new()
            {
                ["Maker"] = Of(Role, null, ("RoleName", "quickpay-dev-cloudformation")),
                ["Reserved"] = Of("AWS::IAM::Policy", null, ("PolicyDocument", new JsonObject { ["Statement"] = Reserved() })),
            },
            "Data" => new()
            {
                ["Group"] = Of(
                    "AWS::RDS::DBSubnetGroup",
                    null,
                    ("SubnetIds", new JsonArray(new JsonObject { ["Fn::ImportValue"] = Subnets }))
                ),
                ["Parameters"] = Of("AWS::RDS::DBParameterGroup"),
                ["Log"] = Of("AWS::Logs::LogGroup", kept, ("LogGroupName", "/quickpay/dev/database")),
                ["Token"] = Of(
                    "AWS::SecretsManager::Secret",
                    kept,
                    ("Name", "quickpay/dev/token-key"),
                    ("ReplicaRegions", new JsonArray(new JsonObject { ["Region"] = "ap-southeast-1" }))
                ),
                ["Database"] = Of(
                    StandingResource.Database,
                    kept,
                    ("DeletionProtection", _isProtected),
                    ("DBSubnetGroupName", new JsonObject { ["Ref"] = "Group" }),
                    ("DBParameterGroupName", new JsonObject { ["Ref"] = "Parameters" })
                ),
                ["Replica"] = Of(
                    StandingResource.Database,
                    null,
                    ("DeletionProtection", _isProtected),
                    ("SourceDBInstanceIdentifier", "Database")
                ),
                ["Cache"] = Of(StandingResource.Cache, _isProtected ? "Snapshot" : "Delete"),
            },
            "Edge" => new()
            {
                ["Balancer"] = Of(StandingResource.LoadBalancer, null, ("LoadBalancerAttributes", new JsonArray(ProtectedBalancer()))),
            },
            "Identity" => new() { ["First"] = Of(Role) },
            _ => new() { ["First"] = Of(Topic) },
        };
    }

    /// <summary>What CloudFormation's role is refused where data is kept, as the real templates say it.</summary>
    private JsonArray Reserved() =>
        _isProtected
            ?
            [
                new JsonObject
                {
                    ["Effect"] = "Deny",
                    ["Action"] = new JsonArray("secretsmanager:DeleteSecret", "rds:DeleteDBInstance"),
                    ["Resource"] = "*",
                    ["Condition"] = new JsonObject
                    {
                        ["StringNotEquals"] = new JsonObject { ["aws:PrincipalTag/quickpay:may-delete"] = "yes" },
                    },
                },
            ]
            : [];

    private static JsonObject OutputOf(string export) =>
        new()
        {
            ["Value"] = new JsonObject { ["Ref"] = "Subnet" },
            ["Export"] = new JsonObject { ["Name"] = export },
        };

    private JsonObject ProtectedBalancer() =>
        new() { ["Key"] = "deletion_protection.enabled", ["Value"] = _isProtected ? "true" : "false" };

    private static JsonObject Of(string type, string? ifDeleted = null, params (string Name, JsonNode Value)[] properties)
    {
        var resource = new JsonObject
        {
            ["Type"] = type,
            ["Properties"] = new JsonObject(properties.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)one.Value))),
        };
        if (ifDeleted is not null)
        {
            resource["DeletionPolicy"] = ifDeleted;
        }
        return resource;
    }

    private Installation Installed() => Aws.Of("dev", Stacks());

    private List<PlannedStack> Stacks() =>
        [
            .. Names
                // As `manifest.json` has them: the roles that deploy are somewhere among the others.
                .OrderBy(name => name == "Deployers" ? Array.IndexOf(Names, "Identity") + 0.5 : Array.IndexOf(Names, name))
                .Select(name => new PlannedStack(
                    NameOf(name),
                    name == "Edge" ? "ap-southeast-1" : "ap-northeast-2",
                    TemplateOf(name),
                    ParametersOf(name),
                    _isProtected
                )),
        ];

    private List<string> ParametersOf(string name) =>
        [.. JsonNode.Parse(File.ReadAllText(TemplateOf(name)))!["Parameters"]!.AsObject().Select(parameter => parameter.Key)];

    private string TemplateOf(string name) => Aws.At($"{NameOf(name)}.template.json");
}
