using System.ComponentModel.DataAnnotations;

namespace QuickPay.Edge.Firewall;

/// <summary>What the firewall looks for, and how much of the machine it may take for that.</summary>
public sealed class FirewallOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Firewall";

    /// <summary>Whether attacks are refused; otherwise they are recorded and pass, to see what new rules would do.</summary>
    public bool BlockingEnabled { get; init; } = true;

    /// <summary>How suspicious the rules are: 1 hardly ever refuses an honest request, 4 often does.</summary>
    [Range(1, 4)]
    public int ParanoiaLevel { get; init; } = 1;

    /// <summary>
    /// Whether requests in which no rule can find anything pass without an inspection. Works at paranoia level 1 only; at higher levels
    /// every request is inspected.
    /// </summary>
    public bool FastPathEnabled { get; init; } = true;

    /// <summary>Folder of the OWASP Core Rule Set's rules.</summary>
    [Required]
    public string RulesFolder { get; init; } = "/usr/share/modsecurity-crs/rules";

    /// <summary>The rule set's own settings, loaded before its rules.</summary>
    [Required]
    public string SetupFile { get; init; } = "/etc/modsecurity/crs/crs-setup.conf";

    /// <summary>Threads that inspect. 0: half as many as there are cores, at least one.</summary>
    [Range(0, 64)]
    public int Workers { get; init; }

    /// <summary>By how much inspecting threads stand back when cores are few (their nice value): forwarding goes first.</summary>
    [Range(0, 19)]
    public int WorkerNiceness { get; init; } = 5;

    /// <summary>Requests that may wait for an inspection. When all places are taken, one more takes a place of the client with most of them, or is answered 503.</summary>
    [Range(1, 100_000)]
    public int QueueMax { get; init; } = 1_024;

    /// <summary>Of these, how many from one client address (IPv6: one /64 network).</summary>
    [Range(1, 100_000)]
    public int QueuePerClientMax { get; init; } = 256;

    /// <summary>A request that has no verdict after this long is answered 503.</summary>
    [Range(10, 60_000)]
    public int InspectTimeoutMs { get; init; } = 3_000;

    internal int WorkerCount => Workers > 0 ? Workers : Math.Max(1, Environment.ProcessorCount / 2);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Directory.Exists(RulesFolder))
        {
            yield return new ValidationResult($"{Section}:RulesFolder: no rules in {RulesFolder}. {ModSecurityEngine.Packages}");
        }
        if (!File.Exists(SetupFile))
        {
            yield return new ValidationResult($"{Section}:SetupFile: nothing at {SetupFile}. {ModSecurityEngine.Packages}");
        }
    }
}
