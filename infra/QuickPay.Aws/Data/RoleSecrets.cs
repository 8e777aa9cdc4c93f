using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SecretsManager;
using Constructs;

namespace QuickPay.Aws.Data;

/// <summary>Passwords that nobody has typed and nobody needs to read.</summary>
internal static class RoleSecrets
{
    private const int Length = 48;

    /// <summary>Who may make roles; RDS's own superuser is Amazon's.</summary>
    public const string OwnerName = "quickpay_owner";

    public static Secret Add(Construct scope, string id, string name, string whose, IKey key) =>
        new(
            scope,
            id,
            new SecretProps
            {
                SecretName = name,
                Description = $"Password of {whose}",
                EncryptionKey = key,
                GenerateSecretString = new SecretStringGenerator { PasswordLength = Length, ExcludePunctuation = true },
            }
        );

    /// <summary>As RDS writes them: name and password.</summary>
    public static Secret AddOwner(Construct scope, string name, IKey key) =>
        new(
            scope,
            "Owner",
            new SecretProps
            {
                SecretName = name,
                Description = "The database's owner",
                EncryptionKey = key,
                GenerateSecretString = new SecretStringGenerator
                {
                    SecretStringTemplate = $$"""{"username":"{{OwnerName}}"}""",
                    GenerateStringKey = "password",
                    PasswordLength = Length,
                    ExcludePunctuation = true,
                },
            }
        );

    /// <summary>One that CloudFormation cannot make: its first value is random too, and no key.</summary>
    public static Secret AddEmpty(Construct scope, string id, string name, string description, IKey key) =>
        new(
            scope,
            id,
            new SecretProps
            {
                SecretName = name,
                Description = description,
                EncryptionKey = key,
            }
        );
}
