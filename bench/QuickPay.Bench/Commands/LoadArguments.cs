using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using QuickPay.Bench.Load;

namespace QuickPay.Bench.Commands;

/// <summary>The options that every command has, with its own defaults; and what they amount to.</summary>
internal sealed class LoadArguments
{
    private const int MembersMax = 10_000;
    private const int ConnectionsMax = 20_000;
    private const double SkewMax = 3;

    private readonly Option<int> _seconds;
    private readonly Option<int> _warmup;
    private readonly Option<string> _accounts;
    private readonly Option<double> _skew = new("--skew")
    {
        Description =
            "How unevenly accounts are chosen: the exponent of a Zipf distribution; 0 = evenly, 2 = one account in most transfers",
        DefaultValueFactory = _ => 0,
        HelpName = "0|1|2",
    };
    private readonly Option<int> _members = new("--members")
    {
        Description = "Load members, signed up and logged in through the API, who own the accounts in turn",
        HelpName = "N",
    };
    private readonly Option<int?> _connections = new("--connections")
    {
        Description = "Keep-alive connections, one request at a time on each (default: 256 with --rate, else the best of several)",
        HelpName = "N",
    };
    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Repeats the choices of an earlier run, which printed it; not on servers that have seen it already",
        HelpName = "N",
    };
    private readonly Option<bool> _json = new("--json") { Description = "JSON alone on standard output" };
    private readonly Option<string?> _target = new("--target")
    {
        Description = "An API that runs already (started by ./quickpay up, used by nobody else) instead of a private one",
        HelpName = "URL",
    };
    private readonly Option<string?> _data = new("--data")
    {
        Description = "With --target: its data folder, where the way to its database is (default: .quickpay of this repository)",
        HelpName = "FOLDER",
    };
    private readonly Option<bool> _keep = new("--keep")
    {
        Description = "Leave the private data folder (.quickpay/bench) in place, to look into",
    };

    public LoadArguments(int seconds, int secondsMin, int warmup, string accounts, string accountsDescription, int members = 64)
    {
        _members.DefaultValueFactory = _ => members;
        var takesSizes = accounts.Contains(',', StringComparison.Ordinal);
        _seconds = new("--seconds")
        {
            Description = "Seconds that are measured; from 180 on also judged for flatness, minute by minute",
            DefaultValueFactory = _ => seconds,
            HelpName = "N",
        };
        _warmup = new("--warmup")
        {
            Description = "Seconds of load before",
            DefaultValueFactory = _ => warmup,
            HelpName = "N",
        };
        _accounts = new("--accounts")
        {
            Description = accountsDescription,
            DefaultValueFactory = _ => accounts,
            HelpName = "N",
        };
        Within(_seconds, secondsMin, 7 * 86_400);
        Within(_warmup, 0, 3_600);
        Within(_skew, 0, SkewMax);
        Within(_members, 1, MembersMax);
        Within(_connections, 1, ConnectionsMax);
        _accounts.Validators.Add(result =>
        {
            if (
                result.Tokens.Count > 0
                && !(Counts.TryParseList(result.Tokens[0].Value, out var sizes) && (sizes.Count == 1 || takesSizes))
            )
            {
                result.AddError($"--accounts takes 2 to 100M, like 10000, 10k or 1M{(takesSizes ? ", and several as 10k,1M" : "")}.");
            }
        });
        _target.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out _))
            {
                result.AddError("--target takes a URL like http://127.0.0.1:8081.");
            }
        });
    }

    public IReadOnlyList<Option> All => [_accounts, _skew, _seconds, _warmup, _connections, _members, _seed, _json, _target, _data, _keep];

    /// <summary>Whether a stack that runs already is asked for.</summary>
    public bool UsesRunning(CommandResult result) => IsGiven(result, _target) || IsGiven(result, _data);

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    public IReadOnlyList<long> Sizes(ParseResult parsed) => Counts.ParseList(parsed.GetValue(_accounts)!);

    public RigOptions Rig(ParseResult parsed) =>
        new(parsed.GetValue(_target) is { } url ? new Uri(url) : null, parsed.GetValue(_data), parsed.GetValue(_keep));

    public LoadOptions Options(ParseResult parsed, double? rate, Arrivals arrivals, TimeProvider clock) =>
        new()
        {
            Rate = rate,
            Arrivals = arrivals,
            Skew = parsed.GetValue(_skew),
            Seconds = parsed.GetValue(_seconds),
            WarmupSeconds = parsed.GetValue(_warmup),
            Accounts = Sizes(parsed)[0],
            Members = parsed.GetValue(_members),
            Connections = parsed.GetValue(_connections),
            Seed = parsed.GetValue(_seed) ?? (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };

    public static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>Numbers outside are refused; what is no number at all, the option's type refuses.</summary>
    public static void Within(Option option, double least, double most) =>
        option.Validators.Add(result =>
        {
            if (
                result.Tokens.Count > 0
                && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number)
                && !(number >= least && number <= most)
            )
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} takes {least} to {most}."));
            }
        });
}
