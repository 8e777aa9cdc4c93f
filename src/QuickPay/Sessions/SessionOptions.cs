using System.ComponentModel.DataAnnotations;

namespace QuickPay.Sessions;

/// <summary>Lifetimes of sessions.</summary>
public sealed class SessionOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Sessions";

    /// <summary>A session without a call for this long asks for a refresh.</summary>
    [Range(60, 86_400)]
    public int IdleSeconds { get; init; } = 1_800;

    /// <summary>A refresh token unused for this long is worth nothing.</summary>
    [Range(3_600, 31_536_000)]
    public int RefreshSeconds { get; init; } = 2_592_000;

    /// <summary>A session's life is prolonged at most this often, however many calls it makes.</summary>
    [Range(1, 600)]
    public int RenewEverySeconds { get; init; } = 60;

    /// <summary>With Redis away, a session that this server saw alive at most this long ago is still believed.</summary>
    [Range(0, 600)]
    public int GraceSeconds { get; init; } = 60;

    /// <summary>How long a session remembers a PIN that was verified.</summary>
    [Range(1, 3_600)]
    public int PinRememberedSeconds { get; init; } = 300;

    /// <summary>Sessions a member may have; the oldest makes room.</summary>
    [Range(1, 100)]
    public int DevicesMax { get; init; } = 20;

    /// <summary>Sessions one server remembers for the grace (about 300 bytes each).</summary>
    [Range(100, 10_000_000)]
    public int RememberedMax { get; init; } = 100_000;

    /// <summary>Session checks in one command to Redis.</summary>
    [Range(1, 10_000)]
    public int CheckBatchMax { get; init; } = 512;
}
