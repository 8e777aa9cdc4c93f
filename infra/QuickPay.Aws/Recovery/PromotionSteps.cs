using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// What a promotion does, in this order. It goes on unasked only where that cannot leave two ledgers: the first region is shut out, or nobody reaches
/// it. Whatever else happens, a person decides, and without a word it ends.
/// </summary>
/// <param name="settings">Of the first region.</param>
/// <param name="first">What is shut out.</param>
/// <param name="replica">What becomes a primary.</param>
/// <param name="approver">Whose word counts.</param>
/// <param name="topic">Where it is asked for, and what was done is told.</param>
internal sealed class PromotionSteps(EnvironmentSettings settings, FirstRegion first, string replica, string approver, string topic)
{
    /// <summary>People sleep. An answer that comes late is as good: the alarm is looked at once more.</summary>
    private const int WaitForWordSeconds = 12 * 60 * 60;

    /// <summary>As long as a backup of the replica may take, before which it cannot be promoted.</summary>
    private const int WaitForBackupSeconds = 30 * 60;

    /// <summary>More than that was not over when the first region was lost: what is lost then is for a person to weigh.</summary>
    private const int MostLagSeconds = 60;

    /// <summary>The longest that Systems Manager lets a script run.</summary>
    private const int ScriptSeconds = 600;

    private const string Abort = "Abort";

    public object[] All() =>
        [
            Script("Look", "look", "look.py", 60, Abort, Looked(), ["Ask", "Lag"]),
            Branch("Ask", "{{ Look.Ask }}", "Word", ("no", "Ready")),
            Word(
                "Word",
                "The first region does not serve: it cannot be reached, or none of its servers is ready. If that is a release, take the release back. "
                    + "Before that the replica was behind by: {{ Look.Lag }}. Promoting loses what had not come over and shuts the first region out until a "
                    + "person opens it; if it comes back by itself soon, do not."
            ),
            Ready(),
            Script("Check", "check", "check.py", 120, Abort, Checked("{{ Look.Ask }}"), ["Go", "Alarm"]),
            Branch("Sure", "{{ Check.Go }}", "Blind", ("yes", "Fence")),
            Word(
                "Blind",
                "Shut the first region out although nobody knows whether the alarm is raised still? {{ Check.Alarm }}. "
                    + "The replica was behind by: {{ Look.Lag }}. Look whether the first region serves; if it does, reject."
            ),
            Script("CheckAgain", "check", "check.py", 120, Abort, Checked("yes"), ["Go", "Alarm"]),
            Script("Fence", "fence", "fence.py", ScriptSeconds, Abort, Fenced(), ["Verdict", "Open", "Name", "Database", "Rules", "At"]),
            Branch("Closed", "{{ Fence.Verdict }}", "Unfenced", ("done", "CatchUp"), ("lost", "Promote")),
            With(
                Word(
                    "Unfenced",
                    "Promote UNFENCED? The first region may be alive, and refused to be shut out. Members' name: {{ Fence.Name }}. Its database: "
                        + "{{ Fence.Database }}. If it takes a write after this, there are two ledgers. Close the database by hand (its security group; then "
                        + "restart it), and only then approve; else reject. The replica was behind by: {{ Look.Lag }}."
                ),
                ("nextStep", "Promote")
            ),
            // It is said what is not over; to wait longer would not bring it.
            Script("CatchUp", "catch_up", "catch-up.py", 300, "Continue", CaughtUp(), ["IsOver", "Said"]),
            With(
                Script("Promote", "promote", "promote.py", ScriptSeconds, Abort, Promoted(), ["Said"]),
                ("maxAttempts", WaitForBackupSeconds / ScriptSeconds + 1)
            ),
            // What it waits for comes about whether it is seen or not, so not to see it is no failure of the promotion.
            Script("Wait", "await_primary", "await-primary.py", ScriptSeconds, "Continue", new() { ["Database"] = replica }, []),
            SecondWorkers.Start(settings),
            // About an hour. That it has failed then wakes people once more.
            With(
                Script("FenceAgain", "fence_again", "fence.py", ScriptSeconds, Abort, FencedAgain(), ["Name", "Database"]),
                ("maxAttempts", 6),
                ("isEnd", true)
            ),
        ];

    private Dictionary<string, object> Looked() =>
        new()
        {
            ["Approval"] = "{{ Approval }}",
            ["Replica"] = replica,
            ["MostSeconds"] = $"{MostLagSeconds}",
        };

    private Dictionary<string, object> Checked(string worded) =>
        new()
        {
            ["Alarm"] = "{{ Alarm }}",
            ["Worded"] = worded,
            ["Replica"] = replica,
            ["Watch"] = WatchStack.Home,
            ["Prefix"] = WatchStack.PrefixOf(settings),
        };

    private Dictionary<string, object> Fenced() =>
        new()
        {
            ["Domain"] = first.Domain,
            ["Zone"] = first.Zone,
            ["FirstRegion"] = first.Name,
            ["FirstDatabase"] = first.Database,
            ["Topic"] = topic,
        };

    private Dictionary<string, object> FencedAgain() =>
        new(Fenced()) { ["Open"] = "{{ Fence.Open }}", ["Verdict"] = "{{ Fence.Verdict }}" };

    private Dictionary<string, object> CaughtUp() =>
        new()
        {
            ["Replica"] = replica,
            ["FencedAt"] = "{{ Fence.At }}",
            ["Topic"] = topic,
        };

    private Dictionary<string, object> Promoted() => new() { ["Replica"] = replica, ["BackupDays"] = $"{settings.Database.BackupDays}" };

    private Dictionary<string, object> Word(string name, string message) =>
        new()
        {
            ["name"] = name,
            ["action"] = "aws:approve",
            ["onFailure"] = Abort,
            ["inputs"] = new Dictionary<string, object>
            {
                ["NotificationArn"] = topic,
                ["Message"] = message,
                ["MinRequiredApprovals"] = 1,
                ["Approvers"] = new[] { approver },
            },
            ["timeoutSeconds"] = WaitForWordSeconds,
        };

    /// <summary>Before anything is shut out: else there might be no region for as long as a backup takes.</summary>
    private Dictionary<string, object> Ready() =>
        new()
        {
            ["name"] = "Ready",
            ["action"] = "aws:waitForAwsResourceProperty",
            ["onFailure"] = Abort,
            ["timeoutSeconds"] = WaitForBackupSeconds,
            ["inputs"] = new Dictionary<string, object>
            {
                ["Service"] = "rds",
                ["Api"] = "DescribeDBInstances",
                ["DBInstanceIdentifier"] = replica,
                ["PropertySelector"] = "$.DBInstances[0].DBInstanceStatus",
                ["DesiredValues"] = new[] { "available" },
            },
        };

    private static Dictionary<string, object> Branch(
        string name,
        string variable,
        string otherwise,
        params (string Is, string Next)[] choices
    ) =>
        new()
        {
            ["name"] = name,
            ["action"] = "aws:branch",
            ["inputs"] = new Dictionary<string, object>
            {
                ["Choices"] = choices
                    .Select(
                        object (choice) =>
                            new Dictionary<string, object>
                            {
                                ["NextStep"] = choice.Next,
                                ["Variable"] = variable,
                                ["StringEquals"] = choice.Is,
                            }
                    )
                    .ToArray(),
                ["Default"] = otherwise,
            },
        };

    private static Dictionary<string, object> Script(
        string name,
        string handler,
        string file,
        int seconds,
        string onFailure,
        Dictionary<string, object> payload,
        string[] outputs
    )
    {
        using var script = new StreamReader(typeof(PromotionSteps).Assembly.GetManifestResourceStream(file)!);
        var step = new Dictionary<string, object>
        {
            ["name"] = name,
            ["action"] = "aws:executeScript",
            ["onFailure"] = onFailure,
            ["isCritical"] = onFailure == Abort,
            ["timeoutSeconds"] = seconds,
            ["inputs"] = new Dictionary<string, object>
            {
                ["Runtime"] = "python3.11",
                ["Handler"] = handler,
                ["InputPayload"] = payload,
                ["Script"] = script.ReadToEnd(),
            },
        };
        return outputs.Length == 0 ? step : With(step, ("outputs", outputs.Select(Output).ToArray()));

        static object Output(string output) =>
            new Dictionary<string, object>
            {
                ["Name"] = output,
                ["Selector"] = $"$.Payload.{output}",
                ["Type"] = "String",
            };
    }

    private static Dictionary<string, object> With(Dictionary<string, object> step, params (string Name, object Value)[] more)
    {
        foreach (var (name, value) in more)
        {
            step[name] = value;
        }
        return step;
    }
}
