using System.CommandLine;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`aws deploy|diff|destroy`: what takes an account, by AWS's own command and with the caller's rights.</summary>
internal static class AwsDeployCommands
{
    private const string PagerVariable = "QUICKPAY_PAGER_URL";

    public static IEnumerable<Command> All() => [Deploy(), Diff(), Destroy()];

    private static Command Deploy()
    {
        var (environment, inputs, yes) = (EnvironmentOption(), new Inputs(), Yes());
        var despite = new Option<bool>("--despite-alarms")
        {
            Description = "Deploy although alarms are raised that would take it back; those do not guard it then",
        };
        var onward = new Option<bool>("--continue-rollback")
        {
            Description = "Where going back to the version before has failed, go on with that first; no resource is skipped",
        };
        var command = new Command(
            "deploy",
            "Make or update an installation: templates, programs, database, servers. What is as it should be is passed over; a change that fails "
                + "is undone, and a new stack that fails is left to be looked at. Run it again to go on. Exit code 0 when all of it stands"
        )
        {
            environment,
            yes,
            despite,
            onward,
        };
        inputs.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    parsed.GetValue(environment)!,
                    async installation =>
                    {
                        Confirm(parsed.GetValue(yes), "Deploy?");
                        await installation.DeployAsync(
                            new DeployOrders(inputs.Of(parsed), parsed.GetValue(despite), parsed.GetValue(onward)),
                            regions =>
                                ProgramArchives.BuildAsync(
                                    Path.Combine(Programs.RepositoryRoot, "artifacts", "aws"),
                                    regions,
                                    cancellationToken
                                ),
                            cancellationToken
                        );
                    },
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Diff()
    {
        var (environment, inputs) = (EnvironmentOption(), new Inputs());
        var command = new Command("diff", "Ask CloudFormation what deploying would change, and change nothing") { environment };
        inputs.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    parsed.GetValue(environment)!,
                    async installation => Show(await installation.DiffAsync(inputs.Of(parsed), cancellationToken)),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Destroy()
    {
        var environment = EnvironmentOption();
        var name = new Option<string?>("--really")
        {
            Description = "The installation's name once more, which an installation with members' money asks for",
            HelpName = "name",
        };
        var yes = Yes();
        var command = new Command(
            "destroy",
            "Delete an installation. Of one with members' money a last snapshot, archives, trails, logs, secrets and keys stay, and are named"
        )
        {
            environment,
            name,
            yes,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(
                    parsed.GetValue(environment)!,
                    async installation =>
                    {
                        if (installation.IsProtected && parsed.GetValue(name) != parsed.GetValue(environment))
                        {
                            throw new LocalException(
                                $"This installation has members' money. To delete it nevertheless: --really {parsed.GetValue(environment)}"
                            );
                        }
                        Confirm(parsed.GetValue(yes), "Delete?");
                        ShowLeft(await installation.DestroyAsync(cancellationToken));
                    },
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(string environment, Func<Installation, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            var aws = AwsTool.Find();
            var caller = await aws.AskAsync(null, cancellationToken, "sts", "get-caller-identity");
            var folder = Synthesis.FolderOf(environment);
            await Synthesis.RunAsync(environment, folder, cancellationToken);
            var stacks = PlannedStack.Read(folder);
            Say(
                $"{environment}: {stacks.Count} stacks in {string.Join(", ", stacks.Select(stack => stack.Region).Distinct())}, account "
                    + $"{caller.GetProperty("Account").GetString()}, as {caller.GetProperty("Arn").GetString()}"
            );
            await act(new Installation(environment, stacks, aws, TimeProvider.System, Say));
            return 0;
        }
        catch (AwsException e)
        {
            throw new LocalException(e.Message, e);
        }
    }

    private static void Show(IReadOnlyList<StackDiff> found)
    {
        foreach (var (stack, changes, note) in found)
        {
            Console.WriteLine($"{stack.Name}: {note ?? (changes.Count == 0 ? "nothing" : "")}".TrimEnd());
            foreach (var change in changes)
            {
                Console.WriteLine($"  {change.Action, -7} {change.Resource} ({change.Type}){(change.IsReplaced ? "  MADE ANEW" : "")}");
            }
        }
    }

    private static void ShowLeft(IReadOnlyList<string> names)
    {
        Console.WriteLine(names.Count == 0 ? "Nothing is left." : "This stays, and costs what it costs:");
        foreach (var name in names)
        {
            Console.WriteLine($"  {name}");
        }
    }

    /// <exception cref="LocalException">No, or there is nobody to ask.</exception>
    private static void Confirm(bool isYes, string question)
    {
        if (isYes)
        {
            return;
        }
        if (Console.IsInputRedirected || !AnsiConsole.Confirm(question, defaultValue: false))
        {
            throw new LocalException("Nothing was done. Without a terminal: --yes");
        }
    }

    private static Option<string> EnvironmentOption()
    {
        var option = new Option<string>("--env") { Description = "Which installation", Required = true };
        option.AcceptOnlyFromAmong(Synthesis.Environments);
        return option;
    }

    private static Option<bool> Yes() => new("--yes") { Description = "Ask nothing" };

    private static void Say(string line) => Console.Error.WriteLine($"quickpay: {line}");

    /// <summary>What only who deploys knows. Given once; later deployments keep it.</summary>
    private sealed class Inputs
    {
        private readonly Option<string?> _domain = new("--domain") { Description = "The name that members call: pay.example.com" };
        private readonly Option<string?> _zone = new("--hosted-zone") { Description = "Id of the Route 53 zone that the name is in" };
        private readonly Option<string?> _mail = new("--alarm-mail")
        {
            Description = $"Who is told of alarms. A pager's address, which is a secret, is taken from ${PagerVariable}",
        };

        private readonly Option<string?> _approval = new("--approval")
        {
            Description = "Whether a person has to agree before the second region takes over from one that cannot be reached: yes or no",
            HelpName = "yes|no",
        };

        public Inputs() => _approval.AcceptOnlyFromAmong("yes", "no");

        public void AddTo(Command command)
        {
            command.Add(_domain);
            command.Add(_zone);
            command.Add(_mail);
            command.Add(_approval);
        }

        public Dictionary<string, string> Of(ParseResult parsed) =>
            new[]
            {
                ("Domain", parsed.GetValue(_domain)),
                ("HostedZone", parsed.GetValue(_zone)),
                ("AlarmMail", parsed.GetValue(_mail)),
                ("Approval", parsed.GetValue(_approval)),
                ("PagerUrl", Environment.GetEnvironmentVariable(PagerVariable)),
            }
                .Where(input => !string.IsNullOrEmpty(input.Item2))
                .ToDictionary(input => input.Item1, input => input.Item2!);
    }
}
