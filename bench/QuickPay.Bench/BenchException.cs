namespace QuickPay.Bench;

/// <summary>The run could not be done, with a sentence for a person: exit code 2.</summary>
internal sealed class BenchException(string message) : Exception(message);
