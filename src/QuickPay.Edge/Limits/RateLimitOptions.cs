using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;

namespace QuickPay.Edge.Limits;

/// <summary>How much anybody may ask for. Windows slide; with Redis all edges count together, without it each for itself.</summary>
public sealed class RateLimitOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "RateLimits";

    private const int HashKeyBytesMin = 32;

    /// <summary>Requests from one address: an IPv4 address or a /64 network of IPv6.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecondPerAddress { get; init; } = 1_000;

    /// <summary>Requests from everybody together.</summary>
    [Range(1, 10_000_000)]
    public int RequestsPerSecondOverall { get; init; } = 20_000;

    /// <summary>Attempts to log in from one address.</summary>
    [Range(1, 1_000_000)]
    public int LoginsPerMinutePerAddress { get; init; } = 10;

    /// <summary>Attempts to log in with one phone number, however it is written.</summary>
    [Range(1, 1_000_000)]
    public int LoginsPerMinutePerPhone { get; init; } = 5;

    /// <summary>Attempts to log in with one operator's name.</summary>
    [Range(1, 1_000_000)]
    public int LoginsPerMinutePerOperator { get; init; } = 5;

    /// <summary>Attempts to sign up from one address.</summary>
    [Range(1, 1_000_000)]
    public int SignUpsPerMinutePerAddress { get; init; } = 10;

    /// <summary>Attempts to sign up with one phone number, however it is written.</summary>
    [Range(1, 1_000_000)]
    public int SignUpsPerMinutePerPhone { get; init; } = 5;

    /// <summary>Calls of one member that move money, through all their sessions.</summary>
    [Range(1, 1_000_000)]
    public int TransfersPerSecondPerMember { get; init; } = 50;

    /// <summary>When Redis has not answered for this long, the edge counts for itself. Only requests of busy subjects wait for it, and those under limits below 50, such as log-ins.</summary>
    [Range(10, 5_000)]
    public int RedisTimeoutMs { get; init; } = 500;

    /// <summary>Addresses, phone numbers, operators' names and members that one edge remembers, about 500 bytes each: half of them addresses.</summary>
    [Range(1_000, 10_000_000)]
    public int SubjectsMax { get; init; } = 100_000;

    /// <summary>
    /// File with at least 32 random bytes in base64, the same for all edges: Redis keeps keyed hashes instead of addresses, phone numbers,
    /// names and members. Required with Redis.
    /// </summary>
    public string HashKeyFile { get; init; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HashKeyFile.Length > 0 && WhyUnreadable(HashKeyFile) is { } reason)
        {
            yield return new ValidationResult($"{Section}:HashKeyFile: {HashKeyFile} is no key: {reason}", [nameof(HashKeyFile)]);
        }
    }

    internal static byte[] ReadHashKey(string file)
    {
        var key = Convert.FromBase64String(File.ReadAllText(file).Trim());
        return key.Length >= HashKeyBytesMin ? key : throw new CryptographicException($"it has less than {HashKeyBytesMin} bytes");
    }

    private static string? WhyUnreadable(string file)
    {
        try
        {
            CryptographicOperations.ZeroMemory(ReadHashKey(file));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or CryptographicException)
        {
            return e.Message;
        }
    }
}
