using QuickPay.Bench.Load;

namespace QuickPay.Bench.Reads;

/// <summary>
/// One of the two that are compared: an API server with its caches on or off, and accounts that are asked for through it alone, so that what
/// one side writes past the caches cannot be what the other side reads from them.
/// </summary>
internal sealed record CacheSide(string Name, LoadWay Way, AccountSet Accounts);
