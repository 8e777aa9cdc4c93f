using System.CommandLine;
using System.CommandLine.Help;
using QuickPay.Bench.Load;
using QuickPay.Bench.Reads;
using QuickPay.Bench.Report;
using QuickPay.Cli.Commands;

namespace QuickPay.Bench.Commands;

/// <summary>The commands of `./quickpay bench`.</summary>
internal sealed class CommandLine(BenchConsole console, TimeProvider clock)
{
    private const double RateMax = 200_000;
    private const int RoundsMax = 100;
    private const double EdgeRate = 2_000;
    private const string AccountsHelp = "Load accounts, made by SQL; k and M are understood";

    /// <returns>The exit code: 0 = held, 1 = a promise broken, 2 = usage or environment.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var bench = new Command(
            "bench",
            "Load on the real API, then proof: every acknowledged transfer is in the books once, and the balances sum to zero.\n"
                + "Exit code 0 = the books hold, 1 = they do not (or a long run did not stay flat), 2 = it could not be run."
        )
        {
            Transfers(),
            Soak(),
            Scale(),
            Keys(),
            Edge(),
            Reads(),
            LabCache(),
        };
        bench.Options.Add(new HelpOption());
        var parsed = bench.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                console.Step(error.Message);
            }

            console.Step("See ./quickpay bench --help");
            return 2;
        }

        // Signals and exceptions are the program's to handle.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }

    private Command Transfers()
    {
        var rate = Rate("Open loop: so many transfers a second, sent on schedule however slow the answers are");
        var arrivals = Arrivals();
        var max = new Option<bool>("--max") { Description = "Closed loop at the best of 64, 128, 256 and 512 connections (the default)" };
        var compare = new Option<bool>("--compare")
        {
            Description = "The Express baseline and pgbench take turns on the same servers; prints how many times their throughput ours is",
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "With --compare: how often each takes its turn",
            DefaultValueFactory = _ => 3,
            HelpName = "N",
        };
        LoadArguments.Within(rounds, 1, RoundsMax);
        var load = new LoadArguments(seconds: 20, secondsMin: 1, warmup: 5, "10000", AccountsHelp);
        var command = Make("transfers", "Transfers a second, latency, cost, and proof", [rate, max, arrivals, compare, rounds], load);
        command.Validators.Add(result =>
        {
            if (LoadArguments.IsGiven(result, rate) && LoadArguments.IsGiven(result, max))
            {
                result.AddError("--rate and --max exclude each other: one is an open loop, the other a closed one.");
            }

            if (LoadArguments.IsGiven(result, compare) && (LoadArguments.IsGiven(result, rate) || load.UsesRunning(result)))
            {
                result.AddError("--compare measures the best throughput on servers of its own: without --rate, --target and --data.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var options = load.Options(parsed, parsed.GetValue(rate), parsed.GetValue(arrivals), clock);
                var transfers = new TransfersCommand(console, clock);
                return parsed.GetValue(compare)
                    ? transfers.CompareAsync(load.Rig(parsed), options, parsed.GetValue(rounds), load.Json(parsed), cancellationToken)
                    : transfers.RunAsync("transfers", load.Rig(parsed), options, load.Json(parsed), cancellationToken);
            }
        );
        return command;
    }

    private Command Soak()
    {
        var rate = Rate("Transfers a second");
        rate.DefaultValueFactory = _ => 500;
        var arrivals = Arrivals();
        var load = new LoadArguments(seconds: 3_600, secondsMin: 180, warmup: 30, "1M", AccountsHelp);
        var command = Make(
            "soak",
            "A long run at a steady rate: latency, memory and table sizes must stay as they began",
            [rate, arrivals],
            load
        );
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var options = load.Options(parsed, parsed.GetValue(rate), parsed.GetValue(arrivals), clock);
                return new TransfersCommand(console, clock).RunAsync(
                    "soak",
                    load.Rig(parsed),
                    options,
                    load.Json(parsed),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private Command Scale()
    {
        var rate = Rate("Open loop at so many transfers a second (default: a closed loop with 256 connections)");
        var load = new LoadArguments(20, 1, 10, "10k,1M,10M", "The sizes, in order; the cost at each is held against the first");
        var command = Make("scale", "What a transfer costs in processor time of API and PostgreSQL, by number of accounts", [rate], load);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var options = load.Options(parsed, parsed.GetValue(rate), Load.Arrivals.Fixed, clock);
                return new ScaleCommand(console, clock).RunAsync(
                    load.Rig(parsed),
                    options,
                    load.Sizes(parsed),
                    load.Json(parsed),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private Command Keys()
    {
        var rate = Rate("Open loop at so many transfers a second (default: a closed loop with 256 connections)");
        var keys = new Option<string>("--keys")
        {
            Description = "How many keys are made by SQL, as of the last 31 days; 150M need some 35 GB of disk for the time being",
            DefaultValueFactory = _ => "150M",
            HelpName = "N",
        };
        keys.Validators.Add(result =>
        {
            if (
                result.Tokens.Count > 0
                && !(Counts.TryParseList(result.Tokens[0].Value, out var counts, Counts.KeysMax) && counts.Count == 1)
            )
            {
                result.AddError("--keys takes 2 to 1000M, like 100k or 150M.");
            }
        });
        var load = new LoadArguments(20, 1, 10, "10000", AccountsHelp);
        var command = Make("keys", "What very many idempotency keys take and cost, and how old ones are forgotten", [rate, keys], load);
        command.Validators.Add(result =>
        {
            if (load.UsesRunning(result))
            {
                result.AddError("bench keys fills a database of its own: without --target and --data.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var options = load.Options(parsed, parsed.GetValue(rate), Load.Arrivals.Fixed, clock);
                var count = Counts.ParseList(parsed.GetValue(keys)!, Counts.KeysMax)[0];
                return new KeysCommand(console, clock).RunAsync(load.Rig(parsed), options, count, load.Json(parsed), cancellationToken);
            }
        );
        return command;
    }

    private Command Edge()
    {
        var rate = Rate("Transfers a second (default: 2,000)");
        var max = new Option<bool>("--max") { Description = "Closed loop: what a request costs the edge when it is busy" };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each way takes its turn",
            DefaultValueFactory = _ => 3,
            HelpName = "N",
        };
        LoadArguments.Within(rounds, 1, RoundsMax);
        var compare = new Option<bool>("--compare") { Description = "Also through a bare TLS proxy (YARP alone), as a measure" };
        var load = new LoadArguments(15, 1, 5, "10000", AccountsHelp, members: 256);
        var command = Make(
            "edge",
            "What the edge adds to a request: the same load straight to the API and through the edge",
            [rate, max, rounds, compare],
            load
        );
        command.Validators.Add(result =>
        {
            if (LoadArguments.IsGiven(result, rate) && LoadArguments.IsGiven(result, max))
            {
                result.AddError("--rate and --max exclude each other: one is an open loop, the other a closed one.");
            }

            if (load.UsesRunning(result))
            {
                result.AddError("bench edge measures servers of its own: without --target and --data.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                double? perSecond = parsed.GetValue(max) ? null : parsed.GetValue(rate) ?? EdgeRate;
                var options = load.Options(parsed, perSecond, Load.Arrivals.Fixed, clock);
                return new EdgeCommand(console, clock).RunAsync(
                    load.Rig(parsed),
                    options,
                    parsed.GetValue(rounds),
                    parsed.GetValue(compare),
                    load.Json(parsed),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private Command Reads()
    {
        var seconds = Number("--seconds", "Seconds of each measured run", 10);
        var members = new Option<int>("--members")
        {
            Description = "Members of each side, with a wallet and a history each, made by SQL; 256 sessions own them in turn",
            DefaultValueFactory = _ => ReadsOptions.MembersDefault,
            HelpName = "N",
        };
        var rate = Rate("Requests a second at which both sides are compared (default: half of what the side without caches can do)");
        var rounds = Number("--rounds", "How often each side takes its turn", 2);
        var connections = new Option<int?>("--connections")
        {
            Description = "Connections in closed loops (default: the best of 64, 128 and 256 for each side)",
            HelpName = "N",
        };
        var skew = new Option<double>("--skew")
        {
            Description = "How unevenly members are chosen: the exponent of a Zipf distribution",
            DefaultValueFactory = _ => 1,
            HelpName = "0|1|2",
        };
        var only = new Option<ReadsPart>("--only")
        {
            Description =
                "One load alone: the mix off and on, or a closed loop (with --rate an open one) of balances, first pages, empty answers",
        };
        var seed = new Option<ulong?>("--seed") { Description = "Repeats the choices of an earlier run, which printed it", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "JSON alone on standard output" };
        var keep = new Option<bool>("--keep") { Description = "Leave the private data folder (.quickpay/bench) in place, to look into" };
        LoadArguments.Within(seconds, 1, 3_600);
        LoadArguments.Within(members, 100, 1_000_000);
        LoadArguments.Within(rounds, 1, RoundsMax);
        LoadArguments.Within(connections, 1, 1_000);
        LoadArguments.Within(skew, 0, 3);
        var command = new Command(
            "reads",
            "What reads reach, and the same mix of reads and transfers with caches off and on, in turn: queries, response times, throughput"
        )
        {
            seconds,
            members,
            rate,
            rounds,
            connections,
            skew,
            only,
            seed,
            json,
            keep,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                new ReadsCommand(console, clock).RunAsync(
                    new ReadsOptions
                    {
                        Seconds = parsed.GetValue(seconds),
                        Members = parsed.GetValue(members),
                        Rate = parsed.GetValue(rate),
                        Rounds = parsed.GetValue(rounds),
                        Connections = parsed.GetValue(connections),
                        Skew = parsed.GetValue(skew),
                        Part = parsed.GetValue(only),
                        Seed = parsed.GetValue(seed) ?? NewSeed(),
                        Keep = parsed.GetValue(keep),
                    },
                    SharedOptions.DataFolderFrom(null),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    /// <summary>What `./quickpay lab cache` becomes: the load generator is here.</summary>
    private Command LabCache()
    {
        var json = SharedOptions.Json();
        var data = SharedOptions.Data();
        var command = new Command("lab-cache", "See ./quickpay lab cache") { json, data };
        command.Hidden = true;
        command.SetAction(
            (parsed, cancellationToken) =>
                new LabCacheCommand(console, clock).RunAsync(
                    SharedOptions.DataFolderFrom(parsed.GetValue(data)),
                    NewSeed(),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private ulong NewSeed() => (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static Option<int> Number(string name, string description, int value) =>
        new(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            HelpName = "N",
        };

    private static Command Make(string name, string description, IEnumerable<Option> own, LoadArguments load)
    {
        var command = new Command(name, description);
        foreach (var option in own.Concat(load.All))
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static Option<double?> Rate(string description)
    {
        var rate = new Option<double?>("--rate") { Description = description, HelpName = "N" };
        LoadArguments.Within(rate, 0.1, RateMax);
        return rate;
    }

    private static Option<Arrivals> Arrivals() =>
        new("--arrivals")
        {
            Description = "With --rate: evenly spaced sends, or random ones (from the seed) as members' are",
            DefaultValueFactory = _ => Load.Arrivals.Fixed,
        };
}
