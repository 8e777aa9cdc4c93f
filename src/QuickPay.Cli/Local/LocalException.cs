namespace QuickPay.Cli.Local;

/// <summary>
/// Something about this machine or the command that the person at the keyboard can put right: a missing package, a taken port, a copy that
/// already runs. The message says what and how; the command prints it alone (no stack trace) and exits with 2.
/// </summary>
public sealed class LocalException : Exception
{
    public LocalException(string message)
        : base(message) { }

    public LocalException(string message, Exception inner)
        : base(message, inner) { }
}

/// <summary>A part of ours that should have come up did not: a broken promise, exit code 1. The message ends with the last lines of its log.</summary>
public class StartFailedException(string message) : Exception(message);

/// <summary>Somebody else was faster to listen on the port.</summary>
public sealed class PortTakenException(string message) : StartFailedException(message);
