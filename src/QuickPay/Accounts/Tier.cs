namespace QuickPay.Accounts;

/// <summary>How well the owner of an account is known, which sets its limits.</summary>
public enum Tier : short
{
    Unverified = 1,
    Verified = 2,

    /// <summary>The house's own accounts: no limits, an explicit floor far below zero.</summary>
    House = 3,

    /// <summary>Load tests only; such accounts are made by SQL in development and never by the API.</summary>
    Load = 9,
}

/// <summary>Whether money may move on an account.</summary>
public enum AccountStatus : short
{
    Active = 1,
    Frozen = 2,
    Closed = 3,
}
