namespace QuickPay.Cli.Drills.Traffic;

/// <summary>What sending a request once came to.</summary>
/// <param name="Status">0 when there was no answer.</param>
/// <param name="Error">A stable code, `timeout`, `connect_failed`, `connection_lost` or `status_502`; empty for a success.</param>
internal sealed record Attempt(int Status, string Error)
{
    public const string Timeout = "timeout";
    public const string ConnectFailed = "connect_failed";
    public const string ConnectionLost = "connection_lost";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The consistency token in the answer.</summary>
    public string? Consistency { get; init; }

    public TimeSpan RetryAfter { get; init; }

    /// <summary>The edge lives, and nothing behind it does.</summary>
    public bool IsOfAnEdgeWithoutServers => (Status, Error) is (502 or 504, _) or (503, "unavailable_retry");

    /// <summary>What the member's program makes of it.</summary>
    public Verdict Verdict =>
        (Status, Error) switch
        {
            (>= 200 and < 300, _) => Verdict.Done,
            (0, ConnectFailed) => Verdict.NotDone,
            (401, _) => Verdict.NoSession,
            // Waiting for a minute is no plan for a program: what these say is true until then.
            (_, "login_locked" or "pin_locked") => Verdict.RefusedAtTheDoor,
            (408 or 429, _) or (503, "overloaded") => Verdict.NotDone,
            (409, "idempotency_in_progress") => Verdict.Open,
            (422, not "idempotency_key_reused") => Verdict.Refused,
            (>= 400 and < 500, _) => Verdict.RefusedAtTheDoor,
            _ => Verdict.Open,
        };
}

/// <summary>What an attempt says of its operation.</summary>
internal enum Verdict
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>The ledger decided against it, and keeps that under the key: so it is for every attempt.</summary>
    Refused,

    /// <summary>This attempt did nothing and a further one would not either. Nothing is said of an earlier one whose answer was lost.</summary>
    RefusedAtTheDoor,

    /// <summary>This attempt did nothing; a later one may.</summary>
    NotDone,

    /// <summary>Done or not: ask again.</summary>
    Open,

    /// <summary>This attempt did nothing, because the member has to renew the session first.</summary>
    NoSession,
}
