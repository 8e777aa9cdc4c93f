namespace QuickPay.Bench.Load;

/// <summary>What a client asks for.</summary>
internal enum RequestKind
{
    Transfer,
    Balance,

    /// <summary>The newest transactions.</summary>
    FirstPage,

    /// <summary>The page after that, by its cursor.</summary>
    DeeperPage,
    Rates,

    /// <summary>
    /// The cheapest call that asks for a session: rates of a currency that cannot be one. Past the session's check it is answered 400 from
    /// nothing, so that what it reaches is what HTTP, token and session leave to any call.
    /// </summary>
    Empty,
}

/// <summary>One request of the generator.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Transfer">The transfer; of a read, only its sequence and the account it comes from say something.</param>
internal readonly record struct LoadRequest(RequestKind Kind, TransferRequest Transfer)
{
    /// <summary>Whose client asks.</summary>
    public long Account => Transfer.From;

    public int ExpectedStatus =>
        Kind switch
        {
            RequestKind.Transfer => 201,
            RequestKind.Empty => 400,
            _ => 200,
        };
}
