using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using QuickPay.Bench.Load;
using QuickPay.Bench.Report;

namespace QuickPay.Bench.Commands;

/// <summary>The commands of `./quickpay bench` and their options.</summary>
internal sealed class CommandLine(BenchConsole console, TimeProvider clock)
{
    private const int SoakSeconds = 3_600;
    private const int SoakRate = 500;
    private const int SoakAccounts = 1_000_000;
    private const int SoakWarmupSeconds = 30;

    private readonly Option<double?> _rate = new("--rate")
    {
        Description = "Open loop: so many transfers a second, sent on schedule however slow the answers are",
        HelpName = "N",
    };
    private readonly Option<bool> _max = new("--max")
    {
        Description = "Closed loop at the best of 64, 128, 256 and 512 connections (the default)",
    };
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
        DefaultValueFactory = _ => 64,
    };
    private readonly Option<int?> _connections = new("--connections")
    {
        Description = "Keep-alive connections, one request at a time on each; 256 with --rate, the best of several with --max",
        HelpName = "N",
    };
    private readonly Option<Arrivals> _arrivals = new("--arrivals")
    {
        Description = "With --rate: evenly spaced sends, or random ones (from --seed) as members' are",
        DefaultValueFactory = _ => Arrivals.Fixed,
    };
    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Repeats the choices of an earlier run, which printed it; on a target that saw them already its members exist",
        HelpName = "N",
    };
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "With --compare: how often all three take their turn",
        DefaultValueFactory = _ => 3,
    };
    private readonly Option<bool> _compare = new("--compare")
    {
        Description =
            "Measure the Express baseline and pgbench in turn on the same servers, and print how many times their throughput ours is",
    };
    private readonly Option<bool> _json = new("--json") { Description = "JSON alone on standard output" };
    private readonly Option<string?> _target = new("--target")
    {
        Description = "An API that runs already (started by ./quickpay up, used by nobody else) instead of a private one",
        HelpName = "URL",
    };
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Its data folder, where the way to its database is (.quickpay beside the command, if --target is given)",
        HelpName = "FOLDER",
    };
    private readonly Option<bool> _keep = new("--keep")
    {
        Description = "Leave the private data folder (.quickpay/bench) in place, to look into",
    };

    /// <returns>The exit code: 0 = held, 1 = a promise broken, 2 = usage or environment.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand(
            "Load on the real API, then proof: every acknowledged transfer is in the books once, and the balances sum to zero."
        )
        {
            Transfers(),
            Soak(),
            Scale(),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                console.Step(error.Message);
            }

            console.Step("See ./quickpay bench --help");
            return 2;
        }

        // Ctrl-C ends the run; stopping the servers it started may take longer than the default of two seconds.
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromMinutes(2),
        };
        return await parsed.InvokeAsync(invocation);
    }

    private Command Transfers()
    {
        var seconds = Seconds(20, "Seconds that are measured; from 180 on also judged for flatness, minute by minute");
        var warmup = Warmup(5);
        var accounts = Accounts("10000");
        var command = new Command("transfers", "Transfers a second, latency, cost and proof")
        {
            _rate,
            _max,
            _skew,
            seconds,
            warmup,
            accounts,
            _connections,
            _members,
            _arrivals,
            _compare,
            _rounds,
            _seed,
            _json,
            _target,
            _data,
            _keep,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_rate) is not null && result.GetValue(_max))
            {
                result.AddError("--rate and --max exclude each other: one is an open loop, the other a closed one.");
            }

            if (
                result.GetValue(_compare)
                && (result.GetValue(_rate) is not null || result.GetValue(_target) is not null || result.GetValue(_data) is not null)
            )
            {
                result.AddError("--compare measures the best throughput on servers of its own: without --rate, --target and --data.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var options = Options(
                    parsed,
                    parsed.GetValue(_rate),
                    parsed.GetValue(seconds),
                    parsed.GetValue(warmup),
                    Counts.Parse(parsed.GetValue(accounts)!)
                );
                var transfers = new TransfersCommand(console, clock);
                return parsed.GetValue(_compare)
                    ? transfers.CompareAsync(Rig(parsed), options, parsed.GetValue(_rounds), parsed.GetValue(_json), cancellationToken)
                    : transfers.RunAsync("transfers", Rig(parsed), options, parsed.GetValue(_json), cancellationToken);
            }
        );
        return command;
    }

    private Command Soak()
    {
        var rate = new Option<double>("--rate")
        {
            Description = "Transfers a second",
            DefaultValueFactory = _ => SoakRate,
            HelpName = "N",
        };
        rate.Validators.Add(Positive);
        var seconds = Seconds(SoakSeconds, "Seconds that are measured, at least 180");
        var warmup = Warmup(SoakWarmupSeconds);
        var accounts = Accounts("1M");
        var command = new Command("soak", "A long run at a steady rate: latency, memory and table sizes must stay as they began")
        {
            rate,
            _skew,
            seconds,
            warmup,
            accounts,
            _connections,
            _members,
            _arrivals,
            _seed,
            _json,
            _target,
            _data,
            _keep,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(seconds) < 180)
            {
                result.AddError("A soak compares its last third with its first: give it at least 180 seconds.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                new TransfersCommand(console, clock).RunAsync(
                    "soak",
                    Rig(parsed),
                    Options(
                        parsed,
                        parsed.GetValue(rate),
                        parsed.GetValue(seconds),
                        parsed.GetValue(warmup),
                        Counts.Parse(parsed.GetValue(accounts)!)
                    ),
                    parsed.GetValue(_json),
                    cancellationToken
                )
        );
        return command;
    }

    private Command Scale()
    {
        var seconds = Seconds(20, "Seconds that are measured at each size");
        var warmup = Warmup(10);
        var accounts = Accounts("10k,1M,10M");
        accounts.Description = "The sizes, in order; a transfer's cost at each is held against the first";
        var command = new Command("scale", "The cost of a transfer (processor time of API and PostgreSQL) by number of accounts")
        {
            accounts,
            _rate,
            _skew,
            seconds,
            warmup,
            _connections,
            _members,
            _seed,
            _json,
            _target,
            _data,
            _keep,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var sizes = Counts.ParseList(parsed.GetValue(accounts)!);
                var options = Options(parsed, parsed.GetValue(_rate), parsed.GetValue(seconds), parsed.GetValue(warmup), sizes[0]);
                return new ScaleCommand(console, clock).RunAsync(Rig(parsed), options, sizes, parsed.GetValue(_json), cancellationToken);
            }
        );
        return command;
    }

    private LoadOptions Options(ParseResult parsed, double? rate, int seconds, int warmup, long accounts) =>
        new()
        {
            Rate = rate,
            Skew = parsed.GetValue(_skew),
            Seconds = seconds,
            WarmupSeconds = warmup,
            Accounts = accounts,
            Members = parsed.GetValue(_members),
            Connections = parsed.GetValue(_connections),
            Arrivals = parsed.GetValue(_arrivals),
            Seed = parsed.GetValue(_seed) ?? (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };

    private RigOptions Rig(ParseResult parsed) =>
        new(parsed.GetValue(_target) is { } url ? new Uri(url) : null, parsed.GetValue(_data), parsed.GetValue(_keep));

    private static Option<int> Seconds(int value, string description)
    {
        var option = new Option<int>("--seconds")
        {
            Description = description,
            DefaultValueFactory = _ => value,
            HelpName = "N",
        };
        option.Validators.Add(Positive);
        return option;
    }

    private static Option<int> Warmup(int value) =>
        new("--warmup")
        {
            Description = "Seconds of load before",
            DefaultValueFactory = _ => value,
            HelpName = "N",
        };

    private static Option<string> Accounts(string value)
    {
        var option = new Option<string>("--accounts")
        {
            Description = "Load accounts, made by SQL; k and M are understood",
            DefaultValueFactory = _ => value,
            HelpName = "N",
        };
        option.Validators.Add(result =>
        {
            if (!Counts.TryParseList(result.GetValueOrDefault<string>() ?? "", out _))
            {
                result.AddError("--accounts takes numbers from 2 to 100M, like 10000, 10k or 10k,1M.");
            }
        });
        return option;
    }

    private static void Positive(OptionResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "1";
        if (!double.TryParse(text, CultureInfo.InvariantCulture, out var number) || number <= 0)
        {
            result.AddError($"{result.Option.Name} must be above 0.");
        }
    }
}
