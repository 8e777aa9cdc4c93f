using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>All limits of the edge. Their names are a contract: clients read them in headers, alarms in metrics.</summary>
internal sealed class RateLimits
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public RateLimits(RateLimitOptions options, ILeases leases, TimeProvider time)
    {
        var hashKey = options.HashKeyFile.Length > 0 ? RateLimitOptions.ReadHashKey(options.HashKeyFile) : null;
        Address = Limiter("address", options.RequestsPerSecondPerAddress, Second, options.SubjectsMax / 2);
        // One subject, with room for more in each generation: else every request would begin a new one.
        Overall = Limiter("overall", options.RequestsPerSecondOverall, Second, subjectsMax: 4);
        // Six share the other half.
        var part = options.SubjectsMax / 12;
        LoginAddress = Limiter("login-address", options.LoginsPerMinutePerAddress, Minute, part);
        LoginPhone = Limiter("login-phone", options.LoginsPerMinutePerPhone, Minute, part);
        LoginOperator = Limiter("login-operator", options.LoginsPerMinutePerOperator, Minute, part);
        SignUpAddress = Limiter("signup-address", options.SignUpsPerMinutePerAddress, Minute, part);
        SignUpPhone = Limiter("signup-phone", options.SignUpsPerMinutePerPhone, Minute, part);
        TransferMember = Limiter("transfer-member", options.TransfersPerSecondPerMember, Second, part);

        RateLimiter Limiter(string name, int requests, TimeSpan window, int subjectsMax) =>
            new(new Limit(name, requests, window), subjectsMax, leases, KeyOf, time);

        // Without a key there is no Redis to ask, and names are never needed.
        RedisKey KeyOf(Limit limit, UInt128 id) => hashKey is null ? default : SubjectIds.KeyOf(hashKey, limit, id);
    }

    public RateLimiter Address { get; }

    public RateLimiter Overall { get; }

    public RateLimiter LoginAddress { get; }

    public RateLimiter LoginPhone { get; }

    public RateLimiter LoginOperator { get; }

    public RateLimiter SignUpAddress { get; }

    public RateLimiter SignUpPhone { get; }

    public RateLimiter TransferMember { get; }
}
