using Amazon.CDK;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Functions;

/// <summary>
/// Before any server of a new version starts: the database's roles, the keys that nothing else can make, and the
/// migrations. CloudFormation waits for it, and goes back if it fails; migrations are such that the version before still runs with them.
/// </summary>
internal sealed class SetupStack : Stack
{
    public SetupStack(
        Construct scope,
        string id,
        EnvironmentSettings settings,
        FoundationStack foundation,
        NetworkStack network,
        DataStack data,
        IStackProps props
    )
        : base(scope, id, props)
    {
        var program = ProgramVersion.In(this);
        var owner = data.Database.Owner.SecretArn;
        var migrator = new DatabaseLogin(data.Database.PrimaryAddress, DatabaseLogin.Migrator);
        var variables = Function.Reaching(migrator);
        variables["QUICKPAY_OWNER_SECRET"] = owner;
        // What the database's parameters have loaded works only when these are there.
        variables["QUICKPAY_EXTENSIONS"] = DatabaseParameters.Extensions;
        variables["QUICKPAY_TOKEN_KEY_SECRET"] = data.TokenKey.SecretArn;
        variables["QUICKPAY_PERSONAL_DATA_KEY_SECRET"] = data.PersonalDataKey.SecretArn;
        var keys = new[] { data.TokenKey.SecretArn, data.PersonalDataKey.SecretArn };
        var function = new Function(
            this,
            settings,
            new FunctionKind(
                "setup",
                // As long as a function may take; a migration that takes longer is none for a deployment.
                Minutes: 15,
                variables,
                [migrator, migrator with { Role = RoleSecrets.OwnerName }],
                [owner, .. keys]
            ),
            foundation,
            network,
            program
        );
        function.Role.AddToPolicy(Statements.Allow("Keys", ["secretsmanager:PutSecretValue"], keys));
        function.Role.AddToPolicy(Statements.Seal(foundation.Personal));
        function.Role.AddToPolicy(Statements.Allow("SealKeys", ["kms:GenerateDataKey"], [foundation.Data.KeyArn]));
        _ = new CfnCustomResource(this, "Database", new CfnCustomResourceProps { ServiceToken = function.Made.AttrArn }).Tell(
            "ProgramVersion",
            program.Version.ValueAsString
        );
    }
}

/// <summary>What CDK's bare custom resource has no word for.</summary>
internal static class CustomResources
{
    /// <summary>With a new value the function is called again.</summary>
    public static CfnCustomResource Tell(this CfnCustomResource resource, string name, string value)
    {
        resource.AddPropertyOverride(name, value);
        return resource;
    }
}
