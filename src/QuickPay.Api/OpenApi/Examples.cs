namespace QuickPay.Api.OpenApi;

/// <summary>Bodies and answers that belong together: Kim, who has 100,000 won, and Lee. A test reads them with the types of the code.</summary>
internal static class Examples
{
    private const string Kim = "019aa9d1-0c00-7c3a-9d43-2f6f0a2b9e11";
    private const string KimsWallet = "019aa9d1-0c00-7f02-8a51-6f1b0c9d4e22";
    private const string LeesWallet = "019aa9d2-4400-7b7e-a2c4-0d5e8f7a6b33";
    private const string House = "00000000-0000-8000-8410-000000000102";
    private const string Transfer = "019aa9e0-7a00-7000-8d21-4c5b6a798844";
    private const string Hold = "019aa9e4-2c00-7000-9e10-1a2b3c4d5e55";
    private const string Session = "019aa9d5-1e00-7ad1-b0f7-5e4d3c2b1a66";

    public const string SignUp = """
        { "phone": "+821023456789", "name": "김하나", "password": "correct horse battery", "pin": "493817" }
        """;

    public const string NewMember = $$"""
        { "id": "{{Kim}}", "phone": "+821023456789", "name": "김하나", "tier": "unverified" }
        """;

    public const string Member = $$"""
        {
          "id": "{{Kim}}", "phone": "+821023456789", "name": "김하나", "tier": "unverified",
          "limits": { "perTransfer": 500000, "perDay": 1000000, "walletCap": 500000 }
        }
        """;

    public const string LogIn = """
        { "phone": "010-2345-6789", "password": "correct horse battery", "device": "Hana's phone" }
        """;

    public const string Refresh = """
        { "refreshToken": "AZqp0QwAfDqdQy9vCiueEQ.9kq3…" }
        """;

    public const string Tokens = $$"""
        { "accessToken": "eyJhbGciOiJFUzI1NiIs…", "refreshToken": "AZqp0QwAfDqdQy9vCiueEQ.9kq3…", "expiresIn": 900, "sessionId": "{{Session}}" }
        """;

    public const string Sessions = $$"""
        {
          "items": [
            {
              "id": "{{Session}}", "device": "Hana's phone", "createdAt": "2026-11-22T08:59:12.481Z",
              "lastSeenAt": "2026-11-22T09:14:03.114Z", "current": true
            }
          ]
        }
        """;

    public const string Keys = """
        {
          "keys": [
            {
              "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
              "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
            }
          ]
        }
        """;

    public const string Accounts = $$"""
        { "items": [{ "id": "{{KimsWallet}}", "number": "010000000016", "currency": "KRW", "status": "active" }] }
        """;

    public const string Balance = """
        { "balance": 70000, "available": 65000, "held": 5000, "currency": "KRW", "version": 3, "asOf": "2026-11-22T09:16:40.250913Z" }
        """;

    public const string Deposit = """
        { "amount": 100000, "currency": "KRW" }
        """;

    public const string Deposited = $$"""
        {
          "id": "019aa9db-9000-7000-8b6c-7d8e9fa0b177", "status": "posted", "kind": "deposit", "fromAccountId": "{{House}}",
          "toAccountId": "{{KimsWallet}}", "amount": 100000, "currency": "KRW", "memo": null, "createdAt": "2026-11-22T09:07:02.118402Z",
          "balanceAfter": { "balance": 100000, "available": 100000, "held": 0, "version": 1 }
        }
        """;

    public const string Send = $$"""
        { "fromAccountId": "{{KimsWallet}}", "to": { "phone": "010-3456-7890" }, "amount": 30000, "currency": "KRW", "memo": "점심" }
        """;

    public const string Sent = $$"""
        {
          "id": "{{Transfer}}", "status": "posted", "kind": "transfer", "fromAccountId": "{{KimsWallet}}", "toAccountId": "{{LeesWallet}}",
          "amount": 30000, "currency": "KRW", "memo": "점심", "createdAt": "2026-11-22T09:12:24.017305Z",
          "balanceAfter": { "balance": 70000, "available": 70000, "held": 0, "version": 2 }
        }
        """;

    public const string Capture = """
        { "amount": 4000 }
        """;

    public const string Captured = $$"""
        {
          "id": "{{Hold}}", "status": "posted", "kind": "transfer", "fromAccountId": "{{KimsWallet}}", "toAccountId": "{{LeesWallet}}",
          "amount": 4000, "currency": "KRW", "memo": null, "createdAt": "2026-11-22T09:16:26.531877Z", "expiresAt": "2026-11-29T09:16:26.530112Z",
          "balanceAfter": { "balance": 66000, "available": 66000, "held": 0, "version": 4 }
        }
        """;

    public const string Cancel = "{}";

    public const string Cancelled = $$"""
        {
          "id": "{{Hold}}", "status": "cancelled", "kind": "transfer", "fromAccountId": "{{KimsWallet}}", "toAccountId": "{{LeesWallet}}",
          "amount": 5000, "currency": "KRW", "memo": null, "createdAt": "2026-11-22T09:16:26.531877Z", "expiresAt": "2026-11-29T09:16:26.530112Z",
          "balanceAfter": { "balance": 70000, "available": 70000, "held": 0, "version": 4 }
        }
        """;

    public const string Transactions = $$"""
        {
          "items": [
            {
              "id": "{{Transfer}}", "status": "posted", "kind": "transfer", "direction": "out", "fromAccountId": "{{KimsWallet}}",
              "toAccountId": "{{LeesWallet}}", "amount": 30000, "currency": "KRW", "memo": "점심", "createdAt": "2026-11-22T09:12:24.017305Z",
              "balanceAfter": { "balance": 70000, "available": 70000, "held": 0, "version": 2 }
            }
          ],
          "nextCursor": "AQGaqdEMAH8CilFvGwydTiIAAAAAAAAAAg"
        }
        """;

    public const string Rates = """
        {
          "base": "KRW", "asOf": "2026-11-20", "source": "ecb", "stale": false,
          "rates": { "EUR": "0.000585412", "JPY": "0.105374", "USD": "0.000679077" }
        }
        """;

    public const string MyMonth = $$"""
        {
          "month": "2026-11", "asOf": "2026-11-22T09:20:11.730115Z",
          "accounts": [
            {
              "accountId": "{{KimsWallet}}", "currency": "KRW",
              "in": {
                "transfers": 1, "amount": 100000, "kinds": [{ "kind": "deposit", "transfers": 1, "amount": 100000 }], "counterparties": []
              },
              "out": {
                "transfers": 2, "amount": 34000, "kinds": [{ "kind": "transfer", "transfers": 2, "amount": 34000 }],
                "counterparties": [{ "accountId": "{{LeesWallet}}", "transfers": 2, "amount": 34000 }]
              }
            }
          ]
        }
        """;

    public const string OperatorLogIn = """
        { "name": "park", "password": "correct horse battery" }
        """;

    public const string OperatorToken = """
        { "accessToken": "eyJhbGciOiJFUzI1NiIs…", "expiresIn": 900 }
        """;

    public const string Report = $$"""
        {
          "from": "2026-11-22", "to": "2026-11-23", "asOf": "2026-11-22T10:00:00Z",
          "load": { "postings": 4, "averageTps": 0.001, "peakTps": 1, "peakAt": "2026-11-22T09:07:02Z" },
          "volumes": [
            { "kind": "deposit", "currency": "KRW", "transfers": 1, "amount": 100000 },
            { "kind": "transfer", "currency": "KRW", "transfers": 2, "amount": 34000 }
          ],
          "days": [
            {
              "day": "2026-11-22", "load": { "postings": 4, "averageTps": 0.001, "peakTps": 1, "peakAt": "2026-11-22T09:07:02Z" },
              "activeMembers": null,
              "volumes": [
                { "kind": "deposit", "currency": "KRW", "transfers": 1, "amount": 100000 },
                { "kind": "transfer", "currency": "KRW", "transfers": 2, "amount": 34000 }
              ]
            }
          ],
          "hours": [
            {
              "hour": "2026-11-22T09:00:00Z", "load": { "postings": 4, "averageTps": 0.001, "peakTps": 1, "peakAt": "2026-11-22T09:07:02Z" },
              "activeMembers": 2,
              "volumes": [
                { "kind": "deposit", "currency": "KRW", "transfers": 1, "amount": 100000 },
                { "kind": "transfer", "currency": "KRW", "transfers": 2, "amount": 34000 }
              ]
            }
          ],
          "topCounterparties": [{ "accountId": "{{KimsWallet}}", "currency": "KRW", "transfers": 2, "amount": 34000 }]
        }
        """;

    /// <summary>A problem of this kind, as the call would answer it.</summary>
    public static string Problem(ProblemCode code)
    {
        var kind = Problems.Kind(code);
        var more = code switch
        {
            ProblemCode.InvalidRequest => """, "errors": { "amount": ["Must be a whole number of minor units, 1 or more."] } """,
            ProblemCode.LimitExceeded => """, "limit": "perTransfer", "remaining": 500000 """,
            _ => "",
        };
        return $$"""
            {
              "type": "{{Problems.TypeOf(kind.Code)}}", "title": "{{kind.Title}}", "status": {{kind.Status}}, "detail": "{{kind.Advice}}",
              "code": "{{kind.Code}}", "instance": "/v1/…", "traceId": "4bf92f3577b34da6a3ce929d0e0e4736"{{more}}
            }
            """;
    }
}
