namespace QuickPay.Cli.Aws.Checks;

/// <summary>
/// What an instance can learn about itself, its role's credentials above all, is given with a token alone (IMDSv2), so that no request that a
/// server is tricked into brings it out. And nobody gets in but by Session Manager.
/// </summary>
internal static class InstanceMetadata
{
    public static readonly Property Property = new("instances give credentials for a token alone, and have no door of their own", Look);

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.OfType("AWS::EC2::LaunchTemplate").SelectMany(template => Checks.Look.At(template, Faults(template)));

    private static IEnumerable<string> Faults(Resource template)
    {
        if (!template["LaunchTemplateData", "MetadataOptions", "HttpTokens"].Is("required"))
        {
            yield return "IMDSv1 is possible: set MetadataOptions.HttpTokens to required";
        }
        if (template["LaunchTemplateData", "KeyName"].IsThere())
        {
            yield return "it lets SSH in with a key: take KeyName away; Session Manager keeps a record";
        }
        if (template["LaunchTemplateData", "NetworkInterfaces"].Items().Any(face => face.At("AssociatePublicIpAddress").IsTrue()))
        {
            yield return "its instances get public addresses: take AssociatePublicIpAddress away";
        }
    }
}
