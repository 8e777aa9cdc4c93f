namespace QuickPay.Edge.Surface;

/// <summary>One call that members may make. What is not one of <see cref="ApiSurface.Calls"/> never reaches an API server.</summary>
/// <param name="Name">The operation's name in the API's description, or a name of ours for what the description leaves out.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Template">The path as ASP.NET routes write it, such as <c>/v1/accounts/{id}/balance</c>.</param>
public sealed record ApiCall(string Name, string Method, string Template)
{
    /// <summary>Which rate limits apply beside those that apply to all.</summary>
    public LimitClass Limits { get; init; }

    /// <summary>Query fields that the call declares.</summary>
    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>Fields that the call declares in its body, such as <c>to.phone</c>.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Takes a JSON body.</summary>
    public bool HasBody => Method == "POST";

    /// <summary>The API reads its Idempotency-Key: sent twice with the same one, it is done once.</summary>
    public bool TakesKey => Limits == LimitClass.Transfer;

    /// <summary>About members and their money, and not a document that is the same for all.</summary>
    public bool IsOfMembers { get; } = Template.StartsWith("/v1/", StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Template}";
}

/// <summary>Kinds of calls with rate limits of their own.</summary>
public enum LimitClass
{
    /// <summary>Only what applies to all.</summary>
    None,

    /// <summary>Signing up: by address and phone number.</summary>
    SignUp,

    /// <summary>Logging in: by address and phone number.</summary>
    LogIn,

    /// <summary>Logging in as an operator: by address, with members' log-ins, and name.</summary>
    OperatorLogIn,

    /// <summary>Moves money: by member.</summary>
    Transfer,
}
