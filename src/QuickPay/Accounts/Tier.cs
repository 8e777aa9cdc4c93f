namespace QuickPay.Accounts;

/// <summary>How well the owner of an account is known, which sets its limits.</summary>
public enum Tier : short
{
    /// <summary>Known by a phone number only.</summary>
    Unverified = 1,

    /// <summary>The real name was verified.</summary>
    Verified = 2,

    /// <summary>The house's own accounts: no limits, an explicit floor far below zero.</summary>
    House = 3,

    /// <summary>Load tests only; such accounts are made by SQL in development and never by the API.</summary>
    Load = 9,
}

/// <summary>Whether money may move on an account.</summary>
public enum AccountStatus : short
{
    /// <summary>Money may move.</summary>
    Active = 1,

    /// <summary>For a while it may not.</summary>
    Frozen = 2,

    /// <summary>Never again.</summary>
    Closed = 3,
}
