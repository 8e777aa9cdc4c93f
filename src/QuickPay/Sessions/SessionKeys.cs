using StackExchange.Redis;

namespace QuickPay.Sessions;

/// <summary>The names of everything sessions keep in Redis. They are a contract between servers of different versions.</summary>
internal static class SessionKeys
{
    /// <summary>String, sliding <see cref="SessionOptions.IdleSeconds"/>: <see cref="SessionValue"/>. While it exists the session is alive.</summary>
    public const string SessionPrefix = "qp:v1:session:";

    /// <summary>Hash, sliding <see cref="SessionOptions.RefreshSeconds"/>: digests of the refresh token, device, times. While it exists the session can be refreshed.</summary>
    public const string RefreshPrefix = "qp:v1:refresh:";

    /// <summary>Sorted set of a member's session ids by the time they began.</summary>
    public const string MemberPrefix = "qp:v1:member-sessions:";

    public static RedisKey Session(Guid session) => SessionPrefix + session;

    public static RedisKey Refresh(Guid session) => RefreshPrefix + session;

    public static RedisKey Member(Guid member) => MemberPrefix + member;
}
