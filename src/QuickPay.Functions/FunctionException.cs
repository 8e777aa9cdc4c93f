namespace QuickPay.Functions;

/// <summary>What went wrong, in words that anybody may read: there is no secret in them.</summary>
internal class FunctionException(string message, Exception? inner = null) : Exception(message, inner);
