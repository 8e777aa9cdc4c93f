namespace QuickPay.Cli.Local;

/// <summary>The users of Redis and of its sentinels, and what each may do.</summary>
public static class RedisUsers
{
    public const string Api = "qp_api";

    /// <summary>Keeps balances in step with what is committed, and sees nothing of sessions.</summary>
    public const string Worker = "qp_worker";

    /// <summary>Counts requests, and sees nothing of sessions.</summary>
    public const string Edge = "qp_edge";

    /// <summary>May do everything: for tests and people, in no settings file.</summary>
    public const string Admin = "qp_admin";

    /// <summary>A replica, at its primary.</summary>
    internal const string Replica = "qp_replica";

    /// <summary>A sentinel, at the servers that it watches.</summary>
    internal const string Sentinel = "qp_sentinel";

    /// <summary>A sentinel, at another sentinel.</summary>
    internal const string Peer = "qp_peer";

    internal static readonly string[] All = [Api, Worker, Edge, Admin, Replica, Sentinel, Peer];

    // Our keys and the commands that work on keys; nothing that looks at, changes or stops the server, or walks through all keys. INFO and
    // CONFIG GET are what StackExchange.Redis asks at connect: it may know the version, not the configuration. TIME: see HostClock.
    private const string OurKeys =
        "~qp:* &qp:* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting -@dangerous +info +time -keys -function";

    // An edge stands where strangers come in: it gets the commands of its one script (LeaseScript) and those of a connection.
    private const string LimitKeys =
        "~rate:* resetchannels -@all +@connection -@dangerous +info "
        + "+eval +evalsha +script|load +time +lindex +llen +lpop +rpush +pexpire";

    // A worker writes balances and takes them away, by the two scripts of the caches.
    private const string BalanceKeys =
        "~qp:v1:balance:* resetchannels -@all +@connection -@dangerous +info +time " + "+eval +evalsha +script|load +getrange +set +del";

    // Who talks to whom through a server: sentinels, about themselves.
    private const string Hello = "&__sentinel__:hello";

    /// <summary>The name of a user's password among the secrets, where PostgreSQL has roles of the same names.</summary>
    internal static string SecretOf(string user) => $"redis/{user}";

    /// <summary>
    /// The access list of a server. The default user may do everything and is off: nobody can log in as it, but Redis itself replays its
    /// append-only file in that name, and drops every transaction (each script is one) that the user has no right to: sessions were gone
    /// after a restart.
    /// </summary>
    internal static string OfServer(Secrets secrets, bool replicated)
    {
        var list = $"""
            user default off ~* &* +@all
            {User(secrets, Api, OurKeys)}
            {User(secrets, Worker, BalanceKeys)}
            {User(secrets, Edge, LimitKeys)}
            {User(secrets, Admin, "~* &* +@all")}

            """;
        // What Redis's documentation names for each (replication: "ACL rules for Sentinel and Replicas"), with its one channel.
        return replicated
            ? list
                + $"""
                {User(secrets, Replica, "resetchannels -@all +psync +replconf +ping")}
                {User(
                    secrets,
                    Sentinel,
                    $"{Hello} -@all +multi +exec +slaveof +ping +subscribe +publish +config|rewrite +role +info "
                        + "+client|setname +client|kill +script|kill"
                )}

                """
            : list;
    }

    /// <summary>The access list of a sentinel: our hosts may ask who is primary, sentinels may vote.</summary>
    internal static string OfSentinel(Secrets secrets)
    {
        const string WhoIsPrimary =
            "resetchannels -@all +@connection -@dangerous +ping +info +sentinel|get-master-addr-by-name +sentinel|master";
        return $"""
            user default off
            {User(secrets, Api, WhoIsPrimary)}
            {User(secrets, Worker, WhoIsPrimary)}
            {User(secrets, Edge, WhoIsPrimary)}
            {User(secrets, Admin, "~* &* +@all")}
            {User(secrets, Peer, $"{Hello} -@all +ping +publish +client|setname +sentinel|is-master-down-by-addr")}

            """;
    }

    private static string User(Secrets secrets, string user, string may) => $"user {user} on #{secrets.RedisHashOf(SecretOf(user))} {may}";
}
