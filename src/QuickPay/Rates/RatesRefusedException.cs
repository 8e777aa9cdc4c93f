namespace QuickPay.Rates;

/// <summary>A source of exchange rates did not answer, or what it said is not believed. The last good rates stay.</summary>
public sealed class RatesRefusedException(string reason, Exception? innerException = null) : Exception(reason, innerException);
