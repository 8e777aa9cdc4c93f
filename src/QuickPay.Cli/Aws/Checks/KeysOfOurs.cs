using System.Text.RegularExpressions;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>The same by the names of properties, whatever the type: a key that is named is ours, and encryption that is spoken of is on.</summary>
internal static partial class KeysOfOurs
{
    public static readonly Property Property = new("keys that are named are ours, encryption is never off", Look);

    private static IEnumerable<Look> Look(Installation installation) =>
        from resource in installation.All
        where resource.Type != "AWS::KMS::Alias"
        from inside in resource.Properties.Inside()
        where NamesKey().IsMatch(inside.Name) || SaysWhether().IsMatch(inside.Name)
        // Of an attribute that is a list or an object, what is in it has a name of its own.
        select Checks.Look.At(
            resource,
            NamesKey().IsMatch(inside.Name) ? installation.IsOurKey(resource, inside.Value) : inside.Value.IsTrue(),
            NamesKey().IsMatch(inside.Name)
                ? $"{inside.Path} is no key of ours: give it one of the Foundation stack"
                : $"{inside.Path} is not true: encrypt it"
        );

    [GeneratedRegex("^(Kms|KMS)(Master)?Key(Id|ID|Arn|ARN)?$|K[Mm][Ss]KeyI[dD]$|^EncryptionKeyA(rn|RN)$|^KMSMasterKeyI[dD]$")]
    private static partial Regex NamesKey();

    [GeneratedRegex("^(Storage)?Encrypted$|EncryptionEnabled$|^SSEEnabled$")]
    private static partial Regex SaysWhether();
}
