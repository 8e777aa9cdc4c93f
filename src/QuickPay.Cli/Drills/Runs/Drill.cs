namespace QuickPay.Cli.Drills.Runs;

/// <summary>One thing that is broken on purpose, under load.</summary>
/// <param name="Name">As typed: `database`.</param>
/// <param name="Breaks">What it does, for a person who chooses one.</param>
/// <param name="Promise">The longest that transfers may stand still.</param>
/// <param name="Goal">What we want.</param>
/// <param name="RunAsync">Breaks it, waits for what shall happen, and mends it.</param>
internal sealed record Drill(
    string Name,
    string Breaks,
    TimeSpan Promise,
    TimeSpan Goal,
    Func<DrillStage, CancellationToken, Task> RunAsync
)
{
    /// <summary>Cuts lines, and so needs zones with networks of their own.</summary>
    public bool CutsLines { get; init; }

    /// <summary>What it breaks there is more than one of: every member gets an answer.</summary>
    public bool AnswersEveryMember { get; init; }

    /// <summary>Fills a disk, and so needs a stack whose disks are small.</summary>
    public bool FillsDisk { get; init; }

    /// <summary>Cuts commits short in their wait for the standby: then the metric of them must tell so, and else must not.</summary>
    public bool CutsCommits { get; init; }

    /// <summary>Takes rights that only root has.</summary>
    public bool NeedsRoot => CutsLines || FillsDisk;

    /// <summary>What <see cref="Promise"/> is about, where it is not transfers: sessions live in Redis, transfers do not.</summary>
    public History.OperationKind Measures { get; init; } = History.OperationKind.Transfer;
}
