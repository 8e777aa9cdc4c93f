using System.ComponentModel.DataAnnotations;

namespace QuickPay.Api.Statements;

/// <summary>How much of a server statements may take that are downloaded as a whole.</summary>
public sealed class StatementOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Statements";

    /// <summary>Statements that one server writes at a time, one for each member; one more is refused.</summary>
    [Range(1, 100)]
    public int ExportsMax { get; init; } = 4;

    /// <summary>A statement that its client has not taken within this time is broken off.</summary>
    [Range(1_000, 3_600_000)]
    public int ExportMaxMs { get; init; } = 600_000;
}
