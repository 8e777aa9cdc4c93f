using System.Text.Json;

namespace QuickPay.Cli.Aws.Checks;

/// <summary>Database and cache are where the internet has no way in, and take nobody without TLS and a token or a password.</summary>
internal static class PrivateStores
{
    public static readonly Property Property = new("database and cache are private and force TLS", Look);

    private static IEnumerable<Look> Look(Installation installation) =>
        installation
            .OfType("AWS::RDS::DBInstance")
            .SelectMany(database => Checks.Look.At(database, Database(installation, database)))
            .Concat(
                installation
                    .OfType("AWS::ElastiCache::ReplicationGroup")
                    .SelectMany(cache => Checks.Look.At(cache, Cache(installation, cache)))
            );

    private static IEnumerable<string> Database(Installation installation, Resource database)
    {
        // Left out, AWS decides by its subnets.
        if (!database["PubliclyAccessible"].IsFalse())
        {
            yield return "it may get a public address: set PubliclyAccessible to false";
        }
        var parameters = installation.Find(database, database["DBParameterGroupName"], "AWS::RDS::DBParameterGroup");
        if (parameters is null || parameters["Parameters", "rds.force_ssl"].Number() != 1)
        {
            yield return "it answers without TLS: give it a parameter group with rds.force_ssl = 1";
        }
        if (!database["EnableIAMDatabaseAuthentication"].IsTrue())
        {
            yield return "its roles would need passwords: set EnableIAMDatabaseAuthentication";
        }
        if (!IsPrivate(installation, database, database["DBSubnetGroupName"], "AWS::RDS::DBSubnetGroup"))
        {
            yield return "its subnets are not known to be private: give it a group of private ones";
        }
    }

    private static IEnumerable<string> Cache(Installation installation, Resource cache)
    {
        if (!cache["TransitEncryptionEnabled"].IsTrue() || cache["TransitEncryptionMode"].Is("preferred"))
        {
            yield return "it answers without TLS: set TransitEncryptionEnabled, and no other mode than required";
        }
        if (!cache["AuthToken"].IsThere() && !cache["UserGroupIds"].Items().Any())
        {
            yield return "it asks for no password: set AuthToken or UserGroupIds";
        }
        if (!IsPrivate(installation, cache, cache["CacheSubnetGroupName"], "AWS::ElastiCache::SubnetGroup"))
        {
            yield return "its subnets are not known to be private: give it a group of private ones";
        }
    }

    private static bool IsPrivate(Installation installation, Resource store, JsonElement group, string type) =>
        installation.Find(store, group, type) is { } found
        && Subnets.In(installation, found, found["SubnetIds"]) is { Count: > 0 } subnets
        && subnets.Count == found["SubnetIds"].Items().Count()
        && !subnets.Any(subnet => Subnets.IsPublic(installation, subnet));
}
