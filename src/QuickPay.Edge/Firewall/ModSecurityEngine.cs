using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// The OWASP Core Rule Set, run by libmodsecurity inside this process. Loaded once; then any thread may inspect, each request in a
/// transaction of its own. What the library knows of a request lives and dies with that transaction.
/// </summary>
public sealed class ModSecurityEngine : IDisposable
{
    internal const string Packages =
        "The firewall needs the Debian packages libmodsecurity3 and modsecurity-crs: apt-get install libmodsecurity3 modsecurity-crs.";

    /// <summary>
    /// Files of the rule set that have nothing to do here: exclusions for other people's programs; reputation of addresses and rates of
    /// requests, which the edge keeps itself; rules about answers.
    /// </summary>
    private static readonly string[] NotLoaded = ["REQUEST-903", "REQUEST-910", "REQUEST-912", "RESPONSE-"];

    private const int NameBytesMax = 1_024;

    /// <summary>Where the library's callback puts its lines: it is called on the thread that inspects, while that waits for it.</summary>
    [ThreadStatic]
    private static List<string>? _lines;

    /// <summary>Values of headers on their way into the library, one thread's.</summary>
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly EngineHandle _engine;
    private readonly RulesHandle _rules;
    private readonly RuleLog _log;

    /// <exception cref="InvalidOperationException">The library or the rules are missing, or a rule cannot be read.</exception>
    public ModSecurityEngine(IOptions<FirewallOptions> options)
        : this(options.Value, Path.Combine(AppContext.BaseDirectory, "Firewall")) { }

    internal ModSecurityEngine(FirewallOptions options, string ownFolder)
    {
        if (!NativeLibrary.TryLoad(ModSecurityNative.Library, out _))
        {
            throw new InvalidOperationException($"{ModSecurityNative.Library} cannot be loaded. {Packages}");
        }
        _engine = new EngineHandle();
        _rules = new RulesHandle();
        unsafe
        {
            // Without a callback the library writes to the console; with one it is told of every match.
            ModSecurityNative.SetLogCallback(_engine.DangerousGetHandle(), &OnLine);
        }
        string Own(string name) => Path.Combine(ownFolder, name);
        string[] rules = [.. RulesOf(options.RulesFolder)];
        lock (ModSecurityNative.Globals)
        {
            // The order is what the rule set asks for: its settings, what to leave out (some of it depends on the request), its rules.
            AddFile(Own("modsecurity.conf"));
            AddFile(options.SetupFile);
            Add(SettingsOf(options), "settings");
            AddFile(Own("exclusions.conf"));
            foreach (var file in rules)
            {
                AddFile(file);
            }
        }
        string[] all = [Own("modsecurity.conf"), .. rules];
        _log = new RuleLog(all.SelectMany(file => RuleLog.IdsOf(File.ReadAllText(file))).ToFrozenSet());
    }

    /// <summary>What the rules say of a request. May be called by several threads at once; takes about 2 ms, all of it computing.</summary>
    public Verdict Inspect(InspectedRequest request)
    {
        // The engine takes some bytes that are no UTF-8 for the signs they are not; the API refuses them all.
        if (!Utf8.IsValid(request.Body.Span))
        {
            return Verdict.Malformed;
        }
        ReadOnlyMemory<byte> body;
        try
        {
            body = SecretFields.Blank(request.Body);
        }
        catch (JsonException)
        {
            return Verdict.Malformed;
        }
        var lines = _lines ??= [];
        lines.Clear();
        var transaction = ModSecurityNative.NewTransaction(_engine.DangerousGetHandle(), _rules.DangerousGetHandle(), "-\0"u8, 0);
        if (transaction == 0)
        {
            throw new InvalidOperationException("libmodsecurity gave no transaction.");
        }
        try
        {
            var status = Run(transaction, request, body.Span);
            return status == 0 && lines.Count == 0 ? Verdict.Clean : VerdictOf(status, lines);
        }
        finally
        {
            ModSecurityNative.CleanupTransaction(transaction);
            GC.KeepAlive(this);
        }
    }

    public void Dispose()
    {
        _rules.Dispose();
        _engine.Dispose();
    }

    /// <returns>0 when it passes, or the status to refuse it with.</returns>
    private static int Run(nint transaction, InspectedRequest request, ReadOnlySpan<byte> body)
    {
        var version = request.Protocol.StartsWith("HTTP/", StringComparison.Ordinal) ? request.Protocol[5..] : request.Protocol;
        Check(ModSecurityNative.ProcessConnection(transaction, request.Client.ToString(), 0, "127.0.0.1\0"u8, 0));
        Check(ModSecurityNative.ProcessUri(transaction, request.RawTarget, request.Method, version));
        foreach (var (name, values) in request.Headers)
        {
            for (var i = 0; i < values.Count; i++)
            {
                AddHeader(transaction, name, values[i] ?? "");
            }
        }
        Check(ModSecurityNative.ProcessRequestHeaders(transaction));
        if (StatusOf(transaction) is not 0 and var early)
        {
            return early;
        }
        if (!body.IsEmpty)
        {
            Check(ModSecurityNative.AppendRequestBody(transaction, body, (nuint)body.Length));
        }
        // Without a body too: most rules run in this phase.
        Check(ModSecurityNative.ProcessRequestBody(transaction));
        return StatusOf(transaction);
    }

    private static void AddHeader(nint transaction, string name, string value)
    {
        var needed = Encoding.UTF8.GetMaxByteCount(value.Length) + NameBytesMax;
        if (_scratch is null || _scratch.Length < needed)
        {
            _scratch = new byte[needed];
        }
        var nameLength = Encoding.UTF8.GetBytes(name, _scratch.AsSpan(0, NameBytesMax));
        var valueLength = Encoding.UTF8.GetBytes(value, _scratch.AsSpan(NameBytesMax));
        Check(
            ModSecurityNative.AddRequestHeader(transaction, _scratch, (nuint)nameLength, _scratch.AsSpan(NameBytesMax), (nuint)valueLength)
        );
    }

    private static unsafe int StatusOf(nint transaction)
    {
        var intervention = new Intervention { Status = StatusCodes.Status200OK };
        var isDisruptive = ModSecurityNative.Intervention(transaction, ref intervention) != 0;
        try
        {
            if (!isDisruptive)
            {
                return 0;
            }
            // The rule that refuses is told of here only.
            AddLine((nint)intervention.Log);
            return intervention.Status >= StatusCodes.Status400BadRequest ? intervention.Status : StatusCodes.Status403Forbidden;
        }
        finally
        {
            intervention.Free();
        }
    }

    private Verdict VerdictOf(int status, List<string> lines)
    {
        RuleMatch[] matches = [.. lines.Select(_log.Read).OfType<RuleMatch>()];
        return new Verdict
        {
            Matches = matches,
            Score = matches.Sum(match => RuleLog.PointsOf(match.Severity)),
            Status = status,
        };
    }

    /// <summary>No exception may leave this: it would end the process.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLine(nint data, nint line) => AddLine(line);

    private static void AddLine(nint line)
    {
        // A body holds at most a hundred arguments, and each may match several rules; a record names some of them.
        const int linesMax = 200;
        if (line != 0 && _lines is { Count: < linesMax } lines)
        {
            lines.Add(Marshal.PtrToStringUTF8(line) ?? "");
        }
    }

    /// <summary>The files of the rule set that are loaded, in their order.</summary>
    internal static string[] RulesOf(string folder)
    {
        string[] files =
        [
            .. Directory
                .EnumerateFiles(folder, "*.conf")
                .Where(file => !NotLoaded.Any(prefix => Path.GetFileName(file).StartsWith(prefix, StringComparison.Ordinal)))
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0 ? files : throw new InvalidOperationException($"There are no rules in {folder}. {Packages}");
    }

    private static string SettingsOf(FirewallOptions options)
    {
        var level = options.ParanoiaLevel.ToString(CultureInfo.InvariantCulture);
        return $"""
            SecAction "id:10201,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level={level}"
            SecAction "id:10202,phase:1,nolog,pass,t:none,setvar:'tx.allowed_request_content_type=|application/json|'"
            SecAction "id:10203,phase:1,nolog,pass,t:none,setvar:'tx.allowed_request_content_type_charset=utf-8'"
            """;
    }

    private void AddFile(string file)
    {
        if (!File.Exists(file))
        {
            throw new InvalidOperationException($"The firewall's file {file} is missing. {Packages}");
        }
        CheckAdded(ModSecurityNative.AddRulesFile(_rules.DangerousGetHandle(), file, out var error), error, file);
    }

    private void Add(string text, string what) =>
        CheckAdded(ModSecurityNative.AddRules(_rules.DangerousGetHandle(), text, out var error), error, what);

    private static void CheckAdded(int added, nint error, string what)
    {
        if (added < 0)
        {
            throw new InvalidOperationException($"The firewall cannot read its {what}: {Marshal.PtrToStringUTF8(error)} {Packages}");
        }
    }

    private static void Check(int result)
    {
        if (result != 1)
        {
            throw new InvalidOperationException("libmodsecurity failed on a request.");
        }
    }
}
