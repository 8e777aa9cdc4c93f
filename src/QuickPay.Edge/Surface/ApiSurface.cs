namespace QuickPay.Edge.Surface;

/// <summary>
/// Everything that members may call: the edge's allow list. A test holds it against the API's own description
/// (<c>docs/openapi.json</c>), so neither can grow without the other.
/// </summary>
public static class ApiSurface
{
    public static readonly IReadOnlyList<ApiCall> Calls =
    [
        new("SignUp", "POST", "/v1/members") { Limits = LimitClass.SignUp, Fields = ["phone", "name", "password", "pin"] },
        new("GetMe", "GET", "/v1/members/me"),
        new("LogIn", "POST", "/v1/sessions") { Limits = LimitClass.LogIn, Fields = ["phone", "password", "device"] },
        new("RefreshSession", "POST", "/v1/sessions/refresh") { Fields = ["refreshToken"] },
        new("ListSessions", "GET", "/v1/sessions"),
        new("LogOut", "DELETE", "/v1/sessions/current"),
        new("RevokeSession", "DELETE", "/v1/sessions/{id}"),
        new("ListAccounts", "GET", "/v1/accounts"),
        new("GetBalance", "GET", "/v1/accounts/{id}/balance"),
        new("ListTransactions", "GET", "/v1/accounts/{id}/transactions")
        {
            Query = ["limit", "cursor", "from", "to", "direction", "status", "counterparty"],
        },
        new("ExportStatement", "GET", "/v1/accounts/{id}/statement") { Query = ["from", "to", "format"] },
        new("Deposit", "POST", "/v1/accounts/{id}/deposits") { Limits = LimitClass.Transfer, Fields = ["amount", "currency"] },
        new("SendMoney", "POST", "/v1/transfers")
        {
            Limits = LimitClass.Transfer,
            Fields =
            [
                "fromAccountId",
                "to",
                "to.phone",
                "to.accountNumber",
                "to.accountId",
                "amount",
                "currency",
                "memo",
                "pin",
                "hold",
                "expiresAt",
            ],
        },
        new("GetTransfer", "GET", "/v1/transfers/{id}"),
        new("CaptureTransfer", "POST", "/v1/transfers/{id}/capture") { Limits = LimitClass.Transfer, Fields = ["amount"] },
        new("CancelTransfer", "POST", "/v1/transfers/{id}/cancel") { Limits = LimitClass.Transfer },
        new("GetRates", "GET", "/v1/rates") { Query = ["base"] },
        new("GetMyStatistics", "GET", "/v1/statistics/me") { Query = ["month"] },
        new("OperatorLogIn", "POST", "/v1/operator/sessions") { Limits = LimitClass.OperatorLogIn, Fields = ["name", "password"] },
        new("GetOperatorStatistics", "GET", "/v1/operator/statistics") { Query = ["from", "to"] },
        new("JsonWebKeys", "GET", "/.well-known/jwks.json"),
        new("Description", "GET", "/openapi/v1.json"),
        new("DocsPage", "GET", "/docs"),
        new("DocsFile", "GET", "/docs/{file}"),
    ];

    private static readonly Dictionary<string, ApiCall> ByName = Calls.ToDictionary(call => call.Name);

    /// <summary>The call of that name; names are also the names of the proxy's routes.</summary>
    public static ApiCall Named(string name) => ByName[name];
}
