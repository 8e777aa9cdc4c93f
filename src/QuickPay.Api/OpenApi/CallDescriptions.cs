using QuickPay.Rates;

namespace QuickPay.Api.OpenApi;

/// <summary>What the description says of one call beyond its shapes.</summary>
/// <param name="Description">More than the summary; Markdown.</param>
/// <param name="Problems">What only this kind of call answers; what a session, a body or a key brings along is added to it.</param>
internal sealed record CallDescription(string Description, params ProblemCode[] Problems)
{
    /// <summary>Needs an Idempotency-Key and goes through the ledger.</summary>
    public bool MovesMoney { get; init; }

    /// <summary>Statuses of the refusals that are stored under the key and come back for it.</summary>
    public int[] StoredStatuses { get; init; } = [StatusCodes.Status404NotFound, StatusCodes.Status422UnprocessableEntity];

    /// <summary>Carries the consistency token.</summary>
    public bool ShowsMoney { get; init; }

    /// <summary>Query fields that it needs.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>A body that this call takes, and the answer to it; JSON.</summary>
    public string? Request { get; init; }

    public string? Answer { get; init; }
}

/// <summary>All calls, by the name of their operation.</summary>
internal static class CallDescriptions
{
    private static readonly Dictionary<string, CallDescription> Calls = new()
    {
        ["SignUp"] = new(
            "Makes a member with a wallet in won.",
            ProblemCode.PhoneTaken,
            ProblemCode.Overloaded,
            ProblemCode.UnavailableRetry,
            ProblemCode.OutcomeUnknown
        )
        {
            Request = Examples.SignUp,
            Answer = Examples.NewMember,
        },
        ["GetMe"] = new("With the limits of the member's tier.") { Answer = Examples.Member },
        ["LogIn"] = new(
            "Opens a session for one device. Five wrong passwords in a row lock logging in, longer each time.",
            ProblemCode.Unauthenticated,
            ProblemCode.LoginLocked,
            ProblemCode.Overloaded,
            ProblemCode.UnavailableRetry
        )
        {
            Request = Examples.LogIn,
            Answer = Examples.Tokens,
        },
        ["RefreshSession"] = new(
            "Spends the refresh token. One that is sent twice ends its session: somebody else may have it.",
            ProblemCode.Unauthenticated,
            ProblemCode.SessionRevoked,
            ProblemCode.UnavailableRetry
        )
        {
            Request = Examples.Refresh,
            Answer = Examples.Tokens,
        },
        ["ListSessions"] = new("The newest first.") { Answer = Examples.Sessions },
        ["LogOut"] = new("Ends the session of this token at once, on every server."),
        ["RevokeSession"] = new("Ends it at once, on every server.", ProblemCode.SessionNotFound),
        ["JsonWebKeys"] = new("A JWK set (RFC 7517), for services that verify tokens themselves.") { Answer = Examples.Keys },
        ["ListAccounts"] = new("The oldest first.") { Answer = Examples.Accounts },
        ["GetBalance"] = new(
            "`available` is what can be spent: the balance without what pending transfers hold.",
            ProblemCode.AccountNotFound
        )
        {
            ShowsMoney = true,
            Answer = Examples.Balance,
        },
        ["ListTransactions"] = new(
            "Newest first, one item a payment. Send `nextCursor` back as `cursor` for the next page; what happens meanwhile disturbs no page.",
            ProblemCode.InvalidRequest,
            ProblemCode.AccountNotFound,
            ProblemCode.Overloaded
        )
        {
            ShowsMoney = true,
            Answer = Examples.Transactions,
        },
        ["ExportStatement"] = new(
            "All of a period in one file, the oldest first, in `csv` (for spreadsheets and programs: RFC 4180, UTF-8 with a byte order mark, amounts "
                + "in minor units) or `html` (to print: Korean or English by `Accept-Language`). Of any length: it is sent as it is read, and "
                + "shows the account as it was when it began. A file without its end, the record `closing` or the line “End of statement”, "
                + "was cut off: ask again.",
            ProblemCode.InvalidRequest,
            ProblemCode.AccountNotFound,
            ProblemCode.StatementInProgress,
            ProblemCode.Overloaded
        )
        {
            ShowsMoney = true,
            Required = ["from", "to"],
        },
        ["Deposit"] = new(
            "Money from outside. Only where it is switched on: for development.",
            ProblemCode.AccountNotFound,
            ProblemCode.AccountClosed,
            ProblemCode.CurrencyMismatch,
            ProblemCode.LimitExceeded
        )
        {
            MovesMoney = true,
            Request = Examples.Deposit,
            Answer = Examples.Deposited,
        },
        ["SendMoney"] = new(
            "Sends at once, or with `hold` sets money aside until it is captured, cancelled or expires (after 7 days, or at `expiresAt`, at most "
                + "30 days ahead). Above 300,000 won it needs the `pin`; five wrong ones lock it.",
            ProblemCode.PinRequired,
            ProblemCode.PinInvalid,
            ProblemCode.PinLocked,
            ProblemCode.AccountNotFound,
            ProblemCode.RecipientNotFound,
            ProblemCode.SameAccount,
            ProblemCode.AccountClosed,
            ProblemCode.CurrencyMismatch,
            ProblemCode.LimitExceeded,
            ProblemCode.InsufficientFunds,
            ProblemCode.RecipientLimitExceeded
        )
        {
            MovesMoney = true,
            // A hold that would be over when it is decided is a 400 of the ledger's.
            StoredStatuses = [StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status422UnprocessableEntity],
            Request = Examples.Send,
            Answer = Examples.Sent,
        },
        ["GetTransfer"] = new("For its sender and its recipient; each sees their own balance.", ProblemCode.TransferNotFound)
        {
            ShowsMoney = true,
            Answer = Examples.Sent,
        },
        ["CaptureTransfer"] = new(
            "By the sender or the recipient. Without a body all of it; of a part, the rest returns to the sender.",
            ProblemCode.TransferNotFound,
            ProblemCode.TransferNotPending,
            ProblemCode.AccountClosed,
            ProblemCode.RecipientLimitExceeded
        )
        {
            MovesMoney = true,
            Request = Examples.Capture,
            Answer = Examples.Captured,
        },
        ["CancelTransfer"] = new(
            "By the sender or the recipient; all of it returns to the sender.",
            ProblemCode.TransferNotFound,
            ProblemCode.TransferNotPending
        )
        {
            MovesMoney = true,
            Request = Examples.Cancel,
            Answer = Examples.Cancelled,
        },
        ["GetRates"] = new(
            "Daily reference rates, to look at and not to trade by. `rates` says how much of each other currency one of `base` is, in decimal "
                + $"figures: computed through the currency that the source publishes in, and rounded half to even to {CrossRates.Digits} significant digits. "
                + "`stale`: the source has failed for two looks, or `asOf` is more than five days ago; these are then the last good rates.",
            ProblemCode.InvalidRequest,
            ProblemCode.RatesUnavailable
        )
        {
            Required = ["base"],
            Answer = Examples.Rates,
        },
        ["GetMyStatistics"] = new(
            "What came and went in one month, by kind and by other members' accounts. Months are those of Asia/Seoul. What is only held is not in "
                + "it; a captured hold is, as a transfer of the day of its capture.",
            ProblemCode.InvalidRequest
        )
        {
            Answer = Examples.MyMonth,
        },
        ["OperatorLogIn"] = new(
            "For operators, whom `./quickpay operator add` makes. The token is good for operators' calls alone, for 15 minutes, or until the operator is "
                + "disabled. Five wrong passwords in a row lock logging in, longer each time.",
            ProblemCode.Unauthenticated,
            ProblemCode.LoginLocked,
            ProblemCode.Overloaded,
            ProblemCode.UnavailableRetry
        )
        {
            Request = Examples.OperatorLogIn,
            Answer = Examples.OperatorToken,
        },
        ["GetOperatorStatistics"] = new(
            "Days are those of Asia/Seoul, at most 366 of them. Only hours that are over are in it, up to `asOf`. Sums, peaks and active members are "
                + "exact; `topCounterparties` is exact for one day, and of more days counts those on which an account was among the 100 largest.",
            ProblemCode.InvalidRequest
        )
        {
            Answer = Examples.Report,
        },
    };

    /// <summary>A call without a description is a mistake that the first look at the document shows.</summary>
    public static CallDescription Of(string operation) =>
        Calls.TryGetValue(operation, out var call)
            ? call
            : throw new InvalidOperationException($"{operation} is not described: add it to {nameof(CallDescriptions)}.");

    public static IReadOnlyDictionary<string, CallDescription> All => Calls;
}
