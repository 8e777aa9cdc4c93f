using StackExchange.Redis.Configuration;

namespace QuickPay.Redis;

/// <summary>The driver asks for the password whenever it logs in; this one looks it up then.</summary>
internal sealed class PasswordOfFile(string file) : DefaultOptionsProvider
{
    public override string Password => File.ReadAllText(file).TrimEnd('\r', '\n');
}
