using Amazon.CDK;
using Constructs;
using QuickPay.Aws.Data;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Service;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Functions;

/// <summary>Each day a look at the key that signs access tokens, which is replaced every month in steps that servers can follow.</summary>
internal sealed class TokenKeyStack : Stack
{
    public TokenKeyStack(
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
        var secret = data.TokenKey.SecretArn;
        var function = new Function(
            this,
            settings,
            new FunctionKind(
                Function.TokenKey,
                Minutes: 1,
                new Dictionary<string, string> { ["QUICKPAY_TOKEN_KEY_SECRET"] = secret },
                Logins: [],
                [secret]
            ),
            foundation,
            network,
            ProgramVersion.In(this)
        );
        function.Role.AddToPolicy(
            Statements.Allow("Keys", ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"], [secret])
        );
        function.Role.AddToPolicy(Statements.Allow("SealKeys", ["kms:GenerateDataKey"], [foundation.Data.KeyArn]));
        // When somebody is there who can look at it.
        function.StartDaily(this, "Ten in the morning in Seoul", "0 1");
    }
}
